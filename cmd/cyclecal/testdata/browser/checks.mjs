// The checks of the pages, by name. Each prints one line of JSON: its name and its faults.
import { join } from "node:path";
import { Check, axe, difference, ended, iso, laptop, launch, phone, shown, tracks, wanted } from "./browser.mjs";

const rings = ["0/0/0", "1/2/2", "9/5/2", "30/30/7"];
const results = (page) => page.locator("#ring .result").evaluateAll((list) => list.map((p) => {
  const [from, by] = [...p.querySelectorAll("b")].map((b) => b.textContent).filter((s) => !s.includes("due"));
  return { from, by, deadline: p.textContent.match(/deadline ([^;]+);/)[1] };
}));
const fill = async (page, ring, zone = "") => {
  const [deferral, deadline, grace] = ring.split("/");
  await page.fill("[name=tz]", zone);
  for (const [name, value] of Object.entries({ deferral, deadline, grace })) {
    await page.fill(`[name=${name}]`, value);
  }
  const there = (want) => {
    const q = new URLSearchParams(location.search);
    return q.get("grace") === want[2] && q.get("deferral") === want[0] && q.get("deadline") === want[1] &&
      document.readyState === "complete" && document.querySelector("#ring .result") !== null;
  };
  // A busy browser may lose a key.
  for (const timeout of [5_000, 15_000, 120_000]) {
    await page.press("[name=grace]", "Enter");
    // Animation frames may not come where nobody looks.
    const arrived = page.waitForFunction(there, [deferral, deadline, grace], { polling: 50, timeout });
    if (await arrived.then(() => true, () => timeout === 120_000 && arrived)) return;
  }
};

// expected is what the API says of the ring: the first restart that it can still have.
async function expected(page, track, ring, zone) {
  const query = new URLSearchParams({ track, ring: `mine:${ring}`, kind: "baseline", from: "2026-08", to: "2028-12" });
  if (zone) query.set("tz", zone);
  const answer = await page.request.get(`/api/v1/schedule?${query}`);
  const today = zone === "Asia/Tokyo" ? "2026-11-23" : "2026-11-22"; // 18:00 UTC is 03:00 in Tokyo
  const row = (await answer.json()).data.find((r) => r.restart_by >= today);
  return { from: row.offered_on, by: row.restart_by, deadline: row.deadline_on };
}

async function calculator(check, javaScriptEnabled) {
  const page = await check.tab({ javaScriptEnabled });
  for (const path of ["/", "/tracks/windows-11-24h2", "/tracks/windows-server-2022-azure-edition"]) {
    for (const ring of rings) {
      for (const zone of ["", "Asia/Tokyo"]) {
        await page.goto(path);
        await fill(page, ring, zone);
        const track = path === "/" ? "windows-server-2025" : path.split("/")[2];
        const want = await expected(page, track, ring, zone);
        const got = (await results(page)).map((r) => ({ from: iso(r.from), by: iso(r.by), deadline: iso(r.deadline) }));
        check.same(`${path} ring ${ring} ${zone}`, got, [want]);
      }
    }
  }
}

// sameAsLoaded compares what is on the screen with what its address gives someone else.
async function sameAsLoaded(check, what, page) {
  const other = await check.tab();
  await other.goto(page.url());
  const diff = difference(await shown(page), await shown(other));
  check.true(`${what}: the page at ${page.url()} is not what its address gives: ${diff}`, diff === "");
  await other.close();
}

// stops are the elements that Tab must reach, in the order of the page.
const stops = () => {
  const list = [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")];
  return list.filter((e) => e.type !== "hidden" && e.checkVisibility({ visibilityProperty: true })).map((e, i) => {
    e.dataset.stop = i;
    return `${e.localName} ${(e.getAttribute("aria-label") ?? e.name ?? "") || e.textContent.trim().slice(0, 40)}`;
  });
};
const focused = () => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const style = getComputedStyle(e);
  const box = e.getBoundingClientRect();
  // What an ancestor cuts off can't be seen.
  let cut = false;
  for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
    if (getComputedStyle(p).overflowX === "visible") continue;
    const room = p.getBoundingClientRect();
    cut ||= box.right < room.left + 4 || box.left > room.right - 4;
  }
  return {
    stop: e.dataset.stop === undefined ? -1 : Number(e.dataset.stop),
    name: `${e.localName} ${e.className} ${e.textContent.trim().slice(0, 40)}`,
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    there: !cut && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth && box.width > 0,
  };
};

const words = "next year ring subscribe query month changes".split(" ");
const paths = ["/", ...tracks.map((t) => `/tracks/${t}`)];
const texts = ["/docs", "/docs/rings", "/devices", "/eligible?product=windows-11&version=24H2&architecture=arm64", "/nothing/here"];

const checks = {
  "calculator with the script": (check) => calculator(check, true),
  "calculator without a script": (check) => calculator(check, false),

  // Somebody who types fast, and tabs from field to field, must not lose a key.
  async "calculator typed fast"(check) {
    const page = await check.tab();
    for (const delay of [0, 5, 30, 80]) {
      await page.goto("/tracks/windows-11-24h2");
      await page.focus("[name=deferral]");
      for (const key of ["9", "Tab", "5", "Tab", "2", "Enter"]) {
        if (key.length === 1) await page.keyboard.press("ControlOrMeta+a");
        await page.keyboard.press(key, { delay });
      }
      await page.waitForLoadState("networkidle");
      const got = await page.locator("#ring input[type=number]").evaluateAll((l) => l.map((e) => e.value).join("/"));
      const { searchParams } = new URL(page.url());
      check.same(`fields, typed with ${delay} ms`, got, "9/5/2");
      check.same(`address, typed with ${delay} ms`, ["deferral", "deadline", "grace"].map((n) => searchParams.get(n)).join("/"), "9/5/2");
    }
  },

  // The caret stays where the reader is.
  async "calculator keeps the focus"(check) {
    const page = await check.tab();
    await page.goto("/tracks/windows-11-24h2");
    await page.focus("[name=deferral]");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("9");
    await page.keyboard.press("Tab");
    await page.waitForSelector("#ring .result");
    check.same("focus after Tab", await page.evaluate(() => document.activeElement.name), "deadline");
    await page.keyboard.press("Enter");
    await page.waitForLoadState("networkidle");
    check.true("Enter loses the focus", await page.evaluate(() => document.activeElement !== document.body));
  },

  async "calculator with a wrong value"(check) {
    const page = await check.tab();
    page.mayComplain = true; // Chromium writes each 400 to the console
    await page.goto("/");
    await page.fill("[name=tz]", "Mars/Olympus");
    await page.press("[name=tz]", "Enter");
    await page.waitForSelector("h1:has-text('400')");
    check.true("the error does not say what is wrong", (await page.textContent("main")).includes("Mars/Olympus"));
    await page.goBack();
    await page.waitForSelector("#ring form");
    await page.fill("[name=deferral]", "31");
    await page.press("[name=deferral]", "Enter");
    check.true("31 days are sent, want the browser to refuse", !page.url().includes("deferral=31"));
  },

  async "sharing an address"(check) {
    const page = await check.tab();
    for (const path of ["/", "/tracks/windows-11-24h2?month=2026-06", `/tracks/${ended}`, "/?as_of=2026-05-20"]) {
      await page.goto(path);
      await page.fill("[name=tz]", "Europe/Berlin");
      await page.fill("[name=deferral]", "9");
      await page.press("[name=deferral]", "Enter");
      await page.waitForURL(/deferral=9/);
      await page.waitForLoadState("networkidle");
      await sameAsLoaded(check, `calculated on ${path}`, page);
    }
  },

  // Wherever back and forward lead, what is on the screen is what its address gives.
  async "back and forward"(check) {
    const page = await check.tab();
    await page.goto("/");
    await page.click("nav a:has-text('24H2') >> nth=0");
    await page.click("#ring .presets a:has-text('Ring 3') >> nth=0");
    await page.waitForURL(/deferral=9/);
    await page.fill("[name=deferral]", "11");
    await page.press("[name=deferral]", "Enter");
    await page.waitForURL(/deferral=11/);
    await page.click("#year .pager a[rel=prev]");
    await page.waitForURL(/year=2025/);
    check.true("the ring is lost on the way to another year", page.url().includes("deferral=11"));
    await page.goBack();
    check.true(`back leads to ${page.url()}, want deferral=11`, page.url().includes("deferral=11"));
    await sameAsLoaded(check, "back", page);
    for (let i = 0; i < 5 && new URL(page.url()).pathname !== "/"; i++) {
      await page.goBack();
      await page.waitForLoadState("networkidle");
      await sameAsLoaded(check, `back ${i + 2}`, page);
    }
    check.same("the first page", new URL(page.url()).pathname, "/");
    await page.goForward();
    await page.waitForLoadState("networkidle");
    await sameAsLoaded(check, "forward", page);
  },

  async "copying a feed address"(check) {
    const page = await check.tab({ permissions: ["clipboard-read", "clipboard-write"] });
    // What is said for two seconds stays for minutes: a busy machine may look late.
    await page.addInitScript(() => {
      const later = globalThis.setTimeout;
      globalThis.setTimeout = (then, ms, ...rest) => later(then, ms * 100, ...rest);
    });
    for (const path of ["/", "/tracks/windows-server-2025", "/tracks/windows-11-24h2?deferral=9&deadline=5&grace=2&tz=Europe%2FBerlin"]) {
      await page.goto(path);
      const buttons = page.locator("#subscribe button.copy");
      check.same(`${path}: copy buttons`, await buttons.count(), 2);
      for (const i of [0, 1]) {
        await buttons.nth(i).click();
        await page.waitForFunction((n) => document.querySelectorAll("#subscribe button.copy")[n].textContent === "Copied", i);
        const said = await buttons.nth(i).evaluate((b) => [b, ...document.querySelectorAll("[role=status]")].map((e) => e.ariaLabel ?? e.textContent).join(", "));
        check.true(`${path}: a screen reader does not learn that it was copied: ${said}`, said.includes("Copied"));
        const address = await page.evaluate(() => navigator.clipboard.readText());
        const answer = await page.request.get(address.replace("webcal:", "http:"));
        check.same(`${address}`, [answer.status(), answer.headers()["content-type"]], [200, "text/calendar; charset=utf-8"]);
        const feed = (await answer.text()).replaceAll("\r\n ", "");
        for (const event of await page.locator("#subscribe .events li").evaluateAll((list) => list.map((li) => li.title))) {
          check.true(`${address} lacks the event that the page shows: ${event}`, feed.includes(`SUMMARY:${event.replaceAll(",", "\\,")}`));
        }
      }
      for (const text of await page.locator("#query [data-copy]").allTextContents()) {
        const found = text.match(/http[^' ]+/);
        if (!found || text.startsWith("Table.")) continue;
        check.same(`query ${found[0]}`, (await page.request.get(found[0])).status(), 200);
      }
      await page.click("#month details.ticket summary");
      await page.click("#month details.ticket button.copy");
      await page.locator("#month details.ticket button.copy", { hasText: "Copied" }).waitFor();
      const ticket = await page.evaluate(() => navigator.clipboard.readText());
      check.same("the ticket that is copied", ticket, await page.textContent("#month details.ticket pre"));
    }
  },

  async "keyboard"(check) {
    for (const viewport of [laptop, phone]) {
      const page = await check.tab({ viewport, reducedMotion: "reduce" }); // so that scrolling takes no time
      for (const path of ["/", "/tracks/windows-11-24h2?month=2026-03&deferral=9&deadline=5&grace=2", "/docs/subscribe", "/docs", "/nothing/here"]) {
        page.mayComplain = path === "/nothing/here";
        await page.goto(path);
        const want = await page.evaluate(stops);
        const reached = [];
        for (let i = 0; i < want.length * 2 + 20; i++) {
          await page.keyboard.press("Tab");
          const at = await page.evaluate(focused);
          if (!at || at.stop >= 0 && at.stop === reached[0]) break; // past the last element, or at the first again
          if (at.stop >= 0) reached.push(at.stop);
          const where = `${viewport.width} wide, ${path}, ${at.name}`;
          check.true(`${where}: the focus is not visible`, at.ring);
          check.true(`${where}: the focus is outside the window`, at.there);
        }
        const missing = want.filter((_, i) => !reached.includes(i));
        check.same(`${path}, ${viewport.width} wide: what Tab does not reach`, missing, []);
        check.true(`${path}: Tab jumps about`, reached.every((n, i) => i === 0 || n > reached[i - 1]));
      }
    }
  },

  async "skip link"(check) {
    const page = await check.tab();
    await page.goto("/tracks/windows-server-2025");
    await page.keyboard.press("Tab");
    const skip = await page.evaluate(focused);
    check.true(`the first stop is ${skip.name}, want the skip link, in sight`, skip.name.includes("Skip") && skip.there);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const inMain = await page.evaluate(() => document.activeElement.closest("main") !== null);
    check.true("Tab after the skip link stays in the navigation", inMain);
  },

  // With the keys alone, and no script, from the first page to a result.
  async "keyboard without a script"(check) {
    const page = await check.tab({ javaScriptEnabled: false });
    await page.goto("/");
    for (let i = 0; i < 300; i++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement.name === "deferral")) break;
    }
    for (const value of ["9", "5", "2"]) {
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(value);
      if (value !== "2") await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector("#ring .result");
    check.same("offered on", (await results(page)).map((r) => iso(r.from)), ["2027-01-21"]);
  },

  async "without a script"(check) {
    const page = await check.tab({ javaScriptEnabled: false });
    for (const path of paths) {
      await page.goto(path);
      for (const id of words) {
        check.true(`${path}: section ${id} says nothing`, (await page.innerText(`#${id}`)).length > 20);
      }
      check.same(`${path}: buttons that need a script`, await page.locator("button.copy").count(), 0);
      await page.click("#subscribe summary >> nth=1");
      check.true(`${path}: Google's lines do not open`, await page.isVisible("#subscribe details:nth-of-type(2) ol"));
    }
    await page.goto("/");
    await page.click("#year td a >> nth=5");
    check.same("the month that was clicked", await page.innerText("#month h2"), "June 2026");
    await page.click("#year .pager a[rel=prev]");
    check.same("the year before", await page.innerText("#year h2"), "2025");
    await page.click("#month .pager a[rel=next]");
    check.true("the next month", /December 2025/.test(await page.innerText("#month h2")));
    await page.click("nav a >> nth=0");
    await page.click("#ring .presets a:has-text('Last') >> nth=0");
    check.same("preset Last of Sep 2024", await page.inputValue("[name=deferral]"), "11");
  },

  async "axe"(check) {
    const faults = new Map();
    for (const colorScheme of ["light", "dark"]) {
      for (const viewport of [laptop, phone]) {
        const page = await check.tab({ colorScheme, viewport });
        for (const path of [...paths, ...texts, "/?deferral=9&deadline=5&grace=2", "/tracks/windows-11-24h2?month=2026-06&as_of=2026-06-10&deferral=1"]) {
          page.mayComplain = path === "/nothing/here";
          await page.goto(path);
          await page.evaluate(() => document.querySelectorAll("details:not([name])").forEach((d) => { d.open = true; }));
          await page.evaluate(axe);
          const found = await page.evaluate(() => window.axe.run({ rules: { "target-size": { enabled: true } } }));
          for (const v of found.violations) {
            const [first] = v.nodes;
            const why = `${first.target.join(" ")}: ${first.any.concat(first.all, first.none).map((c) => c.message).join("; ")}`;
            faults.set(v.id, [...faults.get(v.id) ?? [why], `${path} ${colorScheme} ${viewport.width}: ${v.nodes.length}`]);
          }
        }
      }
    }
    for (const [id, where] of faults) check.fault(`${id}: ${where.join(", ")}`);
  },

  // A reader with a laptop sees that each of the seven sections is there.
  async "fold"(check) {
    const page = await check.tab({}, wanted.public);
    for (const path of paths) {
      await page.goto(path);
      for (const id of words) {
        const box = await page.locator(`#${id}-h`).boundingBox();
        check.true(`${path}: heading ${id} ends at ${Math.round(box.y + box.height)} px, want at most ${laptop.height}`, box.y + box.height <= laptop.height);
      }
    }
  },

  // 1280 px at 200 % are 640 CSS px, at 400 % 320.
  async "no sideways scrolling"(check) {
    for (const width of [320, 390, 640, 768, 1024, 1280]) {
      const page = await check.tab({ viewport: { width, height: 700 } });
      for (const path of [...paths, ...texts, "/?deferral=9&deadline=5&grace=2&year=2022", "/tracks/windows-server-2022-azure-edition?year=2022"]) {
        page.mayComplain = path === "/nothing/here";
        await page.goto(path);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        check.true(`${path} is ${wide} px wide in a window of ${width}`, wide <= width);
      }
    }
  },

  // A word in a month of the year is never cut off.
  async "nothing is cut off"(check) {
    for (const width of [320, 390, 640, 1024, 1280]) {
      const page = await check.tab({ viewport: { width, height: 700 } });
      for (const path of ["/", "/tracks/windows-server-2022-azure-edition?year=2022"]) {
        await page.goto(path);
        const cut = await page.evaluate(() => {
          const found = new Set();
          for (const a of document.querySelectorAll("#year td a, #year .card a")) {
            const room = a.getBoundingClientRect();
            for (const part of a.querySelectorAll(".mon, .day, .word, .sub")) {
              const range = document.createRange();
              range.selectNodeContents(part);
              const box = range.getBoundingClientRect();
              if (box.width && (box.right > room.right + 0.5 || box.bottom > room.bottom + 0.5)) {
                found.add(`${part.className} ${part.textContent} by ${Math.ceil(Math.max(box.right - room.right, box.bottom - room.bottom))} px`);
              }
            }
          }
          return [...found];
        });
        check.same(`${path}, ${width} wide: what is cut off`, cut, []);
      }
    }
  },

  async "print"(check) {
    const page = await check.tab();
    for (const [name, path] of [["all", "/"], ["one", "/tracks/windows-11-24h2"], ["2022", "/tracks/windows-server-2022-azure-edition?year=2022"]]) {
      await page.goto(path);
      await page.pdf({ path: join(wanted.folder, `${name}.pdf`), preferCSSPageSize: true, printBackground: true });
    }
  },

  async "reduced motion"(check) {
    for (const [reducedMotion, want] of [["reduce", "auto"], ["no-preference", "smooth"]]) {
      const page = await check.tab({ reducedMotion });
      await page.goto("/");
      check.same(`scrolling with ${reducedMotion}`, await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), want);
      const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((e) => {
        const style = getComputedStyle(e);
        return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
      }).length);
      check.true(`${moving} elements move with ${reducedMotion}`, reducedMotion !== "reduce" || moving === 0);
    }
  },

  // Where the system takes the colours away, shape and word still tell the kinds apart.
  async "forced colours"(check) {
    const page = await check.tab({ forcedColors: "active" });
    for (const [path, month] of [["/", "#year td"], ["/tracks/windows-11-24h2", "#year .card"]]) {
      await page.goto(path);
      const look = (kind) => page.locator(`${month}${kind}`).first().evaluate((e) => {
        const box = e.localName === "td" ? e.querySelector("a") : e;
        const style = getComputedStyle(box);
        return { round: style.borderTopLeftRadius, border: style.borderTopWidth, word: e.querySelector(".word").textContent };
      });
      const [restart, unplanned, hotpatch] = [await look(".baseline.released:not(.unplanned)"), await look(".unplanned"), await look(".hotpatch")];
      check.same(`${path}: words`, [restart.word, unplanned.word, hotpatch.word], ["restart", "unplanned", "hotpatch"]);
      check.true(`${path}: baseline and hotpatch have one shape: ${restart.round}`, restart.round !== hotpatch.round);
      const keys = await page.locator(".legend .key.baseline:not(.unplanned), .legend .key.hotpatch").evaluateAll((list) => list.map((e) => {
        const style = getComputedStyle(e, "::before");
        return `${style.borderTopLeftRadius} ${style.backgroundColor}`;
      }));
      check.true(`${path}: the legend has one sign for both: ${keys}`, keys[0] !== keys[1]);
    }
    const names = (s) => page.locator(s).first().evaluate((e) => {
      const { textDecorationLine, borderBottomWidth, fontWeight } = getComputedStyle(e);
      return `${textDecorationLine} ${borderBottomWidth} ${fontWeight}`;
    });
    const [chosen, other] = [await names("#year .card [aria-current] .mon"), await names("#year .card a:not([aria-current]) .mon")];
    check.true(`the month that is shown looks as all others do: ${chosen}`, chosen !== other);
    if (wanted.look) await page.screenshot({ path: join(wanted.folder, "forced-colors.png"), fullPage: true });
  },

  async "the year 2022 of Server 2022"(check) {
    const page = await check.tab();
    await page.goto("/tracks/windows-server-2022-azure-edition?year=2022");
    const seen = await page.locator("#year .card .word").evaluateAll((list) => list.map((e) => `${e.textContent}${getComputedStyle(e, "::after").content.replaceAll(/["\s]|none|normal/g, "")}`));
    check.same("its months", seen, [
      "restart", "hotpatch", "hotpatch", "restart", "unplanned!", "hotpatch", "restart", "unplanned!", "hotpatch", "restart", "hotpatch", "unplanned!",
    ]);
  },

  async "a track that has ended"(check) {
    const page = await check.tab();
    await page.goto(`/tracks/${ended}`);
    check.same("next", await page.innerText(".hero"), "None to come");
    check.same("year", await page.innerText("#year h2"), "2021");
    check.true("feed", (await page.innerText("#subscribe .events")).includes("Nothing to come"));
  },

  async "a page that is not there"(check) {
    const page = await check.tab();
    page.mayComplain = true;
    for (const path of ["/nothing/here", "/tracks/nope", "/tracks/windows-11-24h2/nope"]) {
      const answer = await page.goto(path);
      check.same(path, answer.status(), 404);
      for (const track of tracks) {
        check.true(`${path} has no link to ${track}`, await page.locator(`main a[href="/tracks/${track}"]`).count() === 1);
      }
    }
    await page.click("main a >> nth=0");
    check.same("the way out", new URL(page.url()).pathname, "/");
  },

  // For who looks: CYCLECAL_SCREENSHOTS names a folder that stays.
  async "screenshots"(check) {
    if (!wanted.look) return;
    for (const colorScheme of ["light", "dark"]) {
      for (const viewport of [laptop, phone, { width: 640, height: 400 }]) {
        const page = await check.tab({ colorScheme, viewport }, wanted.public);
        for (const [name, path] of [
          ["all", "/"], ["one", "/tracks/windows-11-24h2?month=2026-06&deferral=9&deadline=5&grace=2"],
          ["2022", "/tracks/windows-server-2022-azure-edition?year=2022"], ["ended", `/tracks/${ended}`],
          ["ring", "/?deferral=30&deadline=30&grace=7&tz=Europe%2FBerlin"], ["docs", "/docs"], ["404", "/nothing/here"],
        ]) {
          page.mayComplain = name === "404";
          await page.goto(path);
          const file = join(wanted.folder, `${name}-${viewport.width}-${colorScheme}`);
          await page.screenshot({ path: `${file}-top.png` });
          await page.screenshot({ path: `${file}.png`, fullPage: true });
        }
      }
    }
  },
};

const browser = await launch();
const only = process.env.CYCLECAL_CHECK ?? "";
const waiting = Object.entries(checks).filter(([name]) => name.includes(only));
// Two at a time: most of a check is waiting.
await Promise.all([1, 2].map(async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, run] = next;
    const check = new Check(browser);
    const started = performance.now();
    try {
      await run(check);
    } catch (error) {
      check.fault(`stopped: ${error.message}`);
    }
    await check.close();
    console.log(JSON.stringify({ name, faults: check.faults, ms: Math.round(performance.now() - started) }));
  }
}));
await browser.close();
