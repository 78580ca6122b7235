// Prints each event of the feed on stdin as a line of JSON, as ical.js reads it.
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
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const part of calendar.getAllSubcomponents("vevent")) {
  const event = new ICAL.Event(part);
  console.log(JSON.stringify({
    uid: event.uid,
    summary: event.summary,
    start: event.startDate.toString(),
    sequence: event.sequence,
    alarms: part.getAllSubcomponents("valarm").length,
  }));
}
