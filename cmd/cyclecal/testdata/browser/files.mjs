// The checks of an export: the same pages from a web server, in a folder of it, and from a disk.
import { Check, launch, wanted } from "./browser.mjs";

const pages = [
  "index.html", "years/2022/index.html", "months/2026-06/index.html", "rings/9-5-2/index.html", "docs/index.html",
  "tracks/windows-11-24h2/index.html", "tracks/windows-11-24h2/months/2026-06/index.html",
];

async function read(check, base) {
  const page = await check.tab({}, base);
  page.on("response", (answer) => check.true(`${answer.url()} answers ${answer.status()}`, answer.status() < 400));
  for (const path of pages) {
    await page.goto(base + path);
    check.true(`${path} is styled`, await page.evaluate(() => getComputedStyle(document.querySelector(".brand")).textDecorationLine === "none"));
    const made = await page.locator("#made").textContent();
    check.true(`${path} says when it was made: ${made}`, made.includes("Friday, 20 November 2026"));
    if (!path.startsWith("docs")) check.true(`${path} says that this is long ago: ${made}`, /That was [0-9]+ days ago/.test(made));
    check.same(`forms on ${path}`, await page.locator("form").count(), 0);
  }
  // As somebody goes through it: a year back, a month, another track, a ring, and its feed.
  await page.goto(base + "index.html");
  await page.click("#year [rel=prev]");
  check.same("a year back", await page.locator("#year-h").textContent(), "2025");
  await page.click("#month [rel=prev]");
  check.same("a month back", await page.locator("#month-h").textContent(), "October 2025");
  await page.click("#tracks >> text=Server 2025");
  await page.click(".presets >> text=Ring 3");
  check.true("a result", /restarted by/.test(await page.locator("#answer .result").first().textContent()));
  check.same("its feed", new URL(await page.locator("#subscribe dd a").last().evaluate((a) => a.href)).href, base + "calendars/windows-server-2025.days-9-5-2.ics");
  check.same("where this is", page.url().replace("index.html", ""), base + "tracks/windows-server-2025/rings/9-5-2/#ring");
}

const browser = await launch();
for (const [name, base] of [["web server", wanted.home], ["disk", `file://${wanted.folder}/`]]) {
  const check = new Check(browser);
  const started = performance.now();
  try {
    await read(check, base);
  } catch (error) {
    check.fault(`stopped: ${error.message}`);
  }
  await check.close();
  console.log(JSON.stringify({ name, faults: check.faults, ms: Math.round(performance.now() - started) }));
}
await browser.close();
