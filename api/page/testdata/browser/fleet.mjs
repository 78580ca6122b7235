// The checks of the page of a fleet, by name. Each prints one line of JSON: its name and its faults.
import { join } from "node:path";
import { Check, axe, laptop, launch, phone, wanted } from "../../../../cmd/cyclecal/testdata/browser/browser.mjs";

// open shows the page to somebody in Los Angeles, where no window of the test is.
async function open(check, options = {}, at = wanted.home) {
  const page = await check.tab({ timezoneId: "America/Los_Angeles", ...options }, at);
  await page.goto("/fleet");
  return page;
}

async function signedIn(check, options = {}, at = wanted.home, token = wanted.admin) {
  const page = await open(check, options, at);
  page.mayComplain = token !== wanted.admin; // Chromium writes each 403 into the console
  await page.fill("#token", token);
  await page.press("#token", "Enter");
  await page.locator("#fleet").waitFor();
  return page;
}

const ring = (page, name) => page.locator("article.ring", { has: page.locator("h3", { hasText: name }) });
const feed = (page, title) => page.locator("article.feed", { has: page.locator("h3", { hasText: title }) });
const has = (check, what, text, want) => check.true(`${what} = ${JSON.stringify(text)}, want ${JSON.stringify(want)} in it`, text.includes(want));

async function create(page, id, title) {
  if (!await page.locator("#create").isVisible()) await page.click("#new summary");
  await page.fill("#feed-id", id);
  await page.fill("#feed-title", title);
  await page.click("#create button");
}

// answer presses a button of the question whether somebody is sure.
async function answer(page, title, verb, button) {
  await feed(page, title).getByRole("button", { name: verb }).click();
  await page.locator("#sure").getByRole("button", { name: button }).click();
  await page.locator("#sure").waitFor({ state: "hidden" });
}

const address = async (page) => {
  await page.locator("#address").waitFor();
  return page.innerText("#address-https");
};
const status = async (page, url) => (await page.request.get(url)).status();

async function accessible(check, what, page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const v of violations) {
    check.fault(`${what}: ${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join("; ")}`);
  }
}

async function fits(check, what, page) {
  const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: innerWidth }));
  check.true(`${what} is ${wide} px wide in a window of ${room}`, wide <= room);
}

const checks = {
  async "a wrong token"(check) {
    const page = await open(check);
    page.mayComplain = true;
    for (const [token, want] of [["wrong", "no such token"], ["two words", "This is no token"], ["tökén", "This is no token"]]) {
      await page.fill("#token", token);
      await page.click("#signin button");
      await page.locator("#alert", { hasText: want }).waitFor();
      check.true("the fleet is shown", !await page.locator("#fleet").isVisible());
    }
    check.same("role", await page.getAttribute("#alert", "role"), "alert");
  },

  async "a token that is asked for too often"(check) {
    const page = await open(check);
    page.mayComplain = true;
    await page.route("**/api/v1/rings*", (route) => route.fulfill({
      status: 429, headers: { "Retry-After": "17" }, contentType: "application/problem+json", body: JSON.stringify({ detail: "too many wrong secrets" }),
    }));
    await page.fill("#token", wanted.admin);
    await page.click("#signin button");
    await page.locator("#alert", { hasText: "too many wrong secrets, 17 seconds" }).waitFor();
  },

  async "what a ring does next"(check) {
    const page = await signedIn(check);
    const pilot = await ring(page, "pilot").innerText();
    for (const want of [
      "Windows 11 24H2", "Saturday, 16 January 2027 in a freeze", "January 2027, planned baseline.",
      "Offered on Wed 13 Jan 2027, deadline Fri 15 Jan 2027, every device restarted by Sun 17 Jan 2027.",
      "Window: Sat 16 Jan 2027, 22:00 to Sun 02:00 in Europe/Berlin, for you Sat 16 Jan 2027, 13:00 to 17:00.",
      "A freeze is in the way: Year-end closing (year-end), 18 Dec 2026 to 19 Jan 2027.",
      "The next window that no freeze forbids: Sat 23 Jan 2027, 22:00 to Sun 02:00 in Europe/Berlin",
    ]) has(check, "pilot", pilot, want);
    check.same("conflicts", await ring(page, "pilot").locator(".frozen b").allInnerTexts(), ["Jan 2027"]);
    check.same("restarts", await ring(page, "pilot").locator(".restarts b").allInnerTexts(), ["Jan 2027", "Apr 2027", "Jul 2027", "Oct 2027"]);
    const servers = await ring(page, "servers").innerText();
    for (const want of ["No maintenance window", "By Friday, 22 January 2027", "Stocktaking", "The last day before it: Wed 20 Jan 2027.", "April 2027, a freeze: audit, 22 Apr 2027 to 2 May 2027. The last day before it: Wed 21 Apr 2027."]) {
      has(check, "servers", servers, want);
    }
    // One track has a freeze of its own, and so stands alone.
    check.same("tracks of broad", await ring(page, "broad").locator("h4").allInnerTexts(), [
      "Windows 11 25H2, Windows 11 24H2, Windows 11 Enterprise LTSC 2024 and Windows Server 2022 Azure Edition", "Windows Server 2025",
    ]);
    check.same("freezes", await page.locator("#freezes h3 bdi").allInnerTexts(), ["Year-end closing", "Stocktaking", "audit"]);
    has(check, "feed", await feed(page, "Sales laptops").innerText(), "last fetched by Thunderbird on Sat 21 Nov 2026; 42 times in 90 days");
  },

  async "a window at the border of the last day"(check) {
    const page = await signedIn(check, {}, wanted.borders);
    for (const [name, window, late] of [
      ["kiritimati-within", "Sat 16 Jan 2027, 21:59 to 22:59 in Pacific/Kiritimati", false],
      ["kiritimati-after", "Sat 16 Jan 2027, 22:00 to 23:00 in Pacific/Kiritimati", true],
      ["pago-pago-within", "Fri 15 Jan 2027, 20:59 to 21:59 in Pacific/Pago_Pago", false],
      ["pago-pago-after", "Fri 15 Jan 2027, 21:00 to 22:00 in Pacific/Pago_Pago", true],
    ]) {
      const text = await ring(page, name).innerText();
      has(check, name, text, "restarted by Fri 15 Jan 2027");
      has(check, name, text, `The next window that no freeze forbids: ${window}`);
      check.same(`${name}: the page says that it is late`, text.includes("after the last day of the ring"), late);
      const feed = await page.request.get(`${wanted.borders}/calendars/windows-11-24h2.ics?ring=${name}`, { headers: { Authorization: `Bearer ${wanted.admin}` } });
      const lines = (await feed.text()).replaceAll("\r\n ", "");
      has(check, name, lines, "The next window outside of all freezes");
      check.same(`${name}: the feed says that it is late`, lines.includes("\\, after the last day."), late);
    }
  },

  async "a reader where the window is"(check) {
    const page = await signedIn(check, { timezoneId: "Europe/Berlin" });
    check.true("the window is told twice", !(await ring(page, "pilot").innerText()).includes("for you"));
  },

  async "the token stays here"(check) {
    const page = await open(check);
    const sent = [];
    page.on("request", (request) => sent.push(request));
    await page.fill("#token", wanted.admin);
    await page.press("#token", "Enter");
    await page.locator("#fleet").waitFor();
    const kept = () => page.evaluate(() => ({ session: { ...sessionStorage }, local: localStorage.length, cookie: document.cookie, token: document.querySelector("#token").value }));
    check.same("kept", await kept(), { session: {}, local: 0, cookie: "", token: "" });
    for (const request of sent) {
      check.true(`the address ${request.url()} has the token`, !request.url().includes(wanted.admin));
      const bearer = new URL(request.url()).pathname.startsWith("/api/") ? `Bearer ${wanted.admin}` : undefined;
      check.same(`${request.url()}: header`, request.headers().authorization, bearer);
    }
    check.same("address", page.url(), `${wanted.home}/fleet`);
    await page.reload();
    check.true("the fleet is shown after a reload", !await page.locator("#fleet").isVisible());
    await page.fill("#token", wanted.admin);
    await page.press("#token", "Enter");
    await page.locator("#fleet").waitFor();
    await page.goto("/docs");
    await page.goBack();
    check.true("the fleet is shown to who comes back", !await page.locator("#fleet").isVisible());
    await page.fill("#token", wanted.admin);
    await page.check("#keep");
    await page.press("#token", "Enter");
    await page.locator("#fleet").waitFor();
    await page.reload();
    await page.locator("#fleet").waitFor();
    await page.click("#signout");
    check.same("kept after signing out", await kept(), { session: {}, local: 0, cookie: "", token: "" });
    const text = await page.evaluate(() => document.body.textContent);
    check.true("the fleet is still in the page", !/pilot|Year-end|Sales/.test(text));
    await page.reload();
    check.true("the fleet is shown after signing out", !await page.locator("#fleet").isVisible());
  },

  // On the day after the window, what is left is the last day.
  async "a window that has passed"(check) {
    const page = await open(check);
    await page.route("**/api/v1/rings*", async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.meta.as_of = "2027-01-23";
      await route.fulfill({ response, json: body });
    });
    await page.fill("#token", wanted.admin);
    await page.press("#token", "Enter");
    await page.locator("#fleet").waitFor();
    has(check, "broad", await ring(page, "broad").innerText(), "By Thursday, 28 January 2027 in 5 days");
    has(check, "broad", await ring(page, "broad").innerText(), "Offered since Thu 21 Jan 2027");
    has(check, "pilot, whose next window was moved", await ring(page, "pilot").innerText(), "By Sunday, 17 January 2027 in a freeze");
  },

  async "a viewer"(check) {
    const page = await signedIn(check, {}, wanted.home, wanted.viewer);
    has(check, "feeds", await page.innerText("#feeds"), "An admin makes private feeds: token reader has the role viewer: want admin.");
    check.true("a viewer is offered to make a feed", !await page.locator("#new").isVisible());
  },

  async "the life of a feed"(check) {
    const page = await signedIn(check);
    const writes = [];
    page.on("request", (request) => request.method() !== "GET" && writes.push(request));
    await create(page, "night", "Night shift");
    await page.locator("#track-checks").waitFor({ state: "hidden" });
    const first = await address(page);
    check.same("focus", await page.evaluate(() => document.activeElement.id), "address-h");
    check.same("webcal", await page.getAttribute("#address-webcal", "href"), first.replace("http:", "webcal:"));
    check.same(`${first} at first`, await status(page, first), 200);
    has(check, "feed", await feed(page, "Night shift").innerText(), "All tracks; no rings; all day");
    check.same("condition", writes[0].headers()["if-none-match"], "*");
    check.true("no key", /^[0-9a-f-]{36}$/.test(writes[0].headers()["idempotency-key"]));

    await page.click("#address-done");
    check.true("the address is still in the page", !(await page.evaluate(() => document.body.textContent)).includes("/feeds/"));

    await answer(page, "Night shift", "Rotate", "Cancel");
    check.same(`${first} after a no`, await status(page, first), 200);
    has(check, "focus after a no", await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Rotate");
    await answer(page, "Night shift", "Rotate", "Rotate");
    const second = await address(page);
    check.true("the address is the old one", second !== first);
    check.same(`${first} after it was rotated`, await status(page, first), 404);
    check.same(`${second}`, await status(page, second), 200);

    await answer(page, "Night shift", "Revoke", "Revoke");
    await feed(page, "Night shift").waitFor({ state: "detached" });
    check.same(`${second} after it was revoked`, await status(page, second), 404);
    check.true("the address is still shown", !await page.locator("#address").isVisible());
    const keys = writes.map((request) => request.headers()["idempotency-key"]);
    check.same("methods", writes.map((request) => request.method()), ["PUT", "POST", "DELETE"]);
    check.true(`a key came twice: ${keys}`, new Set(keys).size === keys.length);
  },

  async "what is wrong with a feed"(check) {
    const page = await signedIn(check);
    page.mayComplain = true;
    await page.click("#new summary");
    await page.fill("#feed-alarm", "1D");
    await create(page, "Bad id", "");
    for (const [field, want] of [["id", "want 1 to 64 of a-z, 0-9 and -"], ["title", "want one line"], ["alarm", "such as P1D"]]) {
      await page.locator(`#feed-${field}-error`, { hasText: want }).waitFor();
      check.same(`${field} is wrong`, await page.getAttribute(`#feed-${field}`, "aria-invalid"), "true");
    }
    check.same("style is wrong", await page.getAttribute("#feed-style", "aria-invalid"), "false");
    check.same("focus", await page.evaluate(() => document.activeElement.id), "feed-id");
    await page.fill("#feed-alarm", "");
    await create(page, "sales", "Another");
    await page.locator("#feed-id-error", { hasText: "there is a feed sales already" }).waitFor();
    check.same("alarm is wrong", await page.innerText("#feed-alarm-error"), "");
  },

  // Who sends it again because no answer came must not make two.
  async "an answer that was lost"(check) {
    const page = await signedIn(check);
    page.mayComplain = true;
    const keys = [];
    let lose = true;
    await page.route("**/api/v1/feeds/lost", (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      if (lose) return route.abort("aborted");
      return route.continue();
    });
    await create(page, "lost", "Lost");
    await page.locator("#create-alert", { hasText: "did not answer" }).waitFor();
    lose = false;
    await page.click("#create button");
    await address(page);
    check.same("keys", keys, [keys[0], keys[0]]);
    await answer(page, "Lost", "Revoke", "Revoke");
    await feed(page, "Lost").waitFor({ state: "detached" });
  },

  async "a token that ends"(check) {
    const page = await signedIn(check);
    page.mayComplain = true;
    await page.route("**/api/v1/rings*", (route) => route.fulfill({
      status: 401, contentType: "application/problem+json", body: JSON.stringify({ detail: "the token ended on 2026-11-22T09:00:00Z" }),
    }));
    await page.click("#reload");
    await page.locator("#alert", { hasText: "the token ended" }).waitFor();
    check.true("the fleet is still shown", !await page.locator("#fleet").isVisible());
  },

  async "the keyboard alone"(check) {
    const page = await open(check);
    const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
    const tabTo = async (id) => {
      for (let i = 0; i < 60; i++) {
        await press("Tab");
        if (await page.evaluate((want) => (document.activeElement.id || document.activeElement.textContent) === want, id)) return;
      }
      check.fault(`Tab never reaches ${id}`);
    };
    await tabTo("token");
    await page.keyboard.type(wanted.admin);
    await press("Enter");
    await page.locator("#fleet").waitFor();
    await page.waitForFunction(() => document.activeElement.id === "top");
    await tabTo("Revoke");
    await press("Enter");
    check.same("the first choice", await page.evaluate(() => document.activeElement.textContent), "Cancel");
    await press("Escape");
    check.same("focus after Escape", await page.evaluate(() => document.activeElement.textContent), "Revoke");
    await tabTo("New private feed");
    await press("Enter", "Tab");
    check.same("the first field", await page.evaluate(() => document.activeElement.id), "feed-id");
  },

  async "axe"(check) {
    for (const colorScheme of ["light", "dark"]) {
      for (const viewport of [laptop, phone]) {
        const what = (part) => `${part}, ${colorScheme}, ${viewport.width} px`;
        const page = await open(check, { colorScheme, viewport });
        page.mayComplain = true;
        await page.fill("#token", "wrong");
        await page.press("#token", "Enter");
        await page.locator("#alert", { hasText: "no such token" }).waitFor();
        await accessible(check, what("refused"), page);
        await page.fill("#token", wanted.admin);
        await page.press("#token", "Enter");
        await page.locator("#fleet").waitFor();
        await accessible(check, what("signed in"), page);
        await create(page, "Bad id", "");
        await page.locator("#feed-title-error", { hasText: "want" }).waitFor();
        await accessible(check, what("faults"), page);
        const id = `axe-${colorScheme}-${viewport.width}`;
        await create(page, id, id);
        await address(page);
        await accessible(check, what("address"), page);
        await fits(check, what("address"), page);
        await feed(page, id).getByRole("button", { name: "Revoke" }).click();
        await accessible(check, what("question"), page);
        await page.locator("#sure").getByRole("button", { name: "Revoke" }).click();
        await feed(page, id).waitFor({ state: "detached" });
      }
    }
  },

  // What people wrote stays text, wherever it turns up, and breaks no line that is ours.
  async "unkind texts"(check) {
    for (const width of [320, 390, 1280]) {
      const page = await signedIn(check, { viewport: { width, height: 800 } }, wanted.public);
      page.on("dialog", (dialog) => check.fault(`a script ran: ${dialog.message()}`));
      check.same("pictures", await page.locator("img, b b, script:not([src])").count(), 0);
      has(check, "freezes", await page.innerText("#freezes"), "<img src=x onerror=alert(1)>");
      has(check, "a freeze", await page.innerText("#freezes"), "שלום (עולם </b> 123");
      await fits(check, "the fleet", page);
      await feed(page, "<img").getByRole("button", { name: "Rotate" }).click();
      has(check, "question", await page.innerText("#sure-h"), "Rotate <img src=x onerror=alert(1)>?");
      await page.locator("#sure").getByRole("button", { name: "Rotate" }).click();
      await address(page);
      has(check, "title", await page.innerText("#address-h"), "<img src=x onerror=alert(1)>");
      await feed(page, "WWW").getByRole("button", { name: "Rotate" }).click();
      await fits(check, "a long question", page);
      const cut = await page.locator("#sure").evaluate((e) => e.scrollWidth - e.clientWidth);
      check.true(`a long question is cut off by ${cut} px`, cut <= 0);
    }
  },

  async "without a script"(check) {
    const page = await open(check, { javaScriptEnabled: false });
    const text = await page.innerText("main");
    for (const want of ["This page needs JavaScript", "cyclecal feed create"]) has(check, "page", text, want);
    check.true("a form that does nothing is shown", !await page.locator("form").first().isVisible());
  },

  async "print"(check) {
    const page = await signedIn(check);
    await page.emulateMedia({ media: "print" });
    check.same("buttons on paper", await page.locator("button:visible").count(), 0);
    check.true("the freeze is not on paper", await page.getByText("A freeze is in the way").first().isVisible());
  },

  // For who looks: CYCLECAL_SCREENSHOTS names a folder that stays.
  async "screenshots of the fleet"(check) {
    if (!wanted.look) return;
    for (const colorScheme of ["light", "dark"]) {
      for (const viewport of [laptop, phone]) {
        for (const [name, at] of [["fleet", wanted.home], ["unkind", wanted.public]]) {
          const page = await signedIn(check, { colorScheme, viewport }, at);
          const file = join(wanted.folder, `${name}-${colorScheme}-${viewport.width}`);
          await page.screenshot({ path: `${file}.png` });
          await page.screenshot({ path: `${file}-whole.png`, fullPage: true });
        }
      }
    }
  },
};

const browser = await launch();
const only = process.env.CYCLECAL_CHECK ?? "";
for (const [name, run] of Object.entries(checks).filter(([name]) => name.includes(only))) {
  const check = new Check(browser);
  try {
    await run(check);
  } catch (error) {
    check.fault(`stopped: ${error.message}`);
  }
  await check.close();
  console.log(JSON.stringify({ name, faults: check.faults }));
}
await browser.close();
