// Prints the events of each feed that is named as a list in JSON, as ical.js reads them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.env.CYCLECAL_NODE_MODULES;
if (!folder) {
  throw new Error("CYCLECAL_NODE_MODULES names no folder: want the node_modules that has ical.js");
}
const module = createRequire(join(folder, "x"))("ical.js");
const ICAL = module.default ?? module;

ICAL.design.strict = true;
for (const name of process.argv.slice(2)) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(name, "utf8")));
  console.log(JSON.stringify(calendar.getAllSubcomponents("vevent").map((part) => {
    const event = new ICAL.Event(part);
    return {
      uid: event.uid,
      summary: event.summary,
      description: event.description,
      start: event.startDate.toString(),
      end: event.endDate.toString(),
      status: part.getFirstPropertyValue("status"),
      url: part.getFirstPropertyValue("url") ?? "",
      categories: part.getAllProperties("categories").flatMap((p) => p.getValues()),
      sequence: event.sequence,
      alarms: part.getAllSubcomponents("valarm").length,
    };
  })));
}
