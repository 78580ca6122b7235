// What every check needs: Chromium, pages that note whatever goes wrong in them, and
// words for faults.
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.env.CYCLECAL_NODE_MODULES;
if (!folder) {
  throw new Error("CYCLECAL_NODE_MODULES names no folder: want the node_modules that has playwright-core and axe-core");
}
const require = createRequire(join(folder, "x"));
const { chromium } = require("playwright-core");
export const axe = require("axe-core").source;

// What the Go test asks for: { chromium, home, public, folder, look }.
export const wanted = JSON.parse(process.argv[2]);

export const tracks = [
  "windows-11-25h2", "windows-11-24h2", "windows-11-ltsc-2024", "windows-server-2025",
  "windows-server-2022-azure-edition", "windows-server-azure-automanage-preview",
];
export const ended = "windows-server-azure-automanage-preview";
export const laptop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

export const launch = () => chromium.launch({
  executablePath: wanted.chromium,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

// Check is one check: it collects faults.
export class Check {
  faults = [];
  contexts = [];

  constructor(browser) {
    this.browser = browser;
  }

  fault(text) {
    this.faults.push(text);
  }

  same(what, got, want) {
    const [g, w] = [JSON.stringify(got), JSON.stringify(want)];
    if (g !== w) {
      this.fault(`${what} = ${g}, want ${w}`);
    }
  }

  true(what, holds) {
    if (!holds) {
      this.fault(what);
    }
  }

  // tab returns a page of a new browser profile. Whatever goes wrong in it is a fault.
  async tab(options = {}, at = wanted.home) {
    const context = await this.browser.newContext({ viewport: laptop, baseURL: at, ...options });
    context.setDefaultTimeout(120_000);
    this.contexts.push(context);
    const page = await context.newPage();
    const host = new URL(at).host;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type()) && !page.mayComplain) {
        this.fault(`console of ${page.url()}: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => this.fault(`error on ${page.url()}: ${error.message}`));
    page.on("request", (request) => {
      if (new URL(request.url()).host !== host) {
        this.fault(`request of ${page.url()} to another host: ${request.url()}`);
      }
    });
    page.on("requestfailed", (request) => {
      if (!["net::ERR_ABORTED"].includes(request.failure()?.errorText)) {
        this.fault(`request of ${page.url()}: ${request.url()}: ${request.failure()?.errorText}`);
      }
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy ${event.violatedDirective} forbids ${event.blockedURI}`);
      });
    });
    return page;
  }

  async close() {
    await Promise.all(this.contexts.map((context) => context.close()));
  }
}

// iso is a day of the page, "Thu 21 Jan 2027", as the API writes it.
export function iso(day) {
  const [, d, name, year] = day.match(/^\w{3} (\d+) (\w{3}) (\d{4})$/);
  const month = "JanFebMarAprMayJunJulAugSepOctNovDec".indexOf(name) / 3 + 1;
  return `${year}-${String(month).padStart(2, "0")}-${d.padStart(2, "0")}`;
}

// shown is what a reader sees of the page and where its links lead, without what the
// script adds: buttons and titles.
export const shown = (page) => page.evaluate(() => {
  const lines = [];
  const walk = (node) => {
    if (node.nodeType === Node.ELEMENT_NODE && node.matches("button.copy, script, [role=status]")) {
      return;
    }
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.data.replace(/\s+/g, " ").trim();
      if (text) lines.push(text);
      return;
    }
    if (node.localName === "input") {
      lines.push(`${node.name} is ${node.value}`);
    }
    for (const name of ["href", "class", "aria-current", "open"]) {
      const value = node.getAttribute?.(name);
      if (value) lines.push(`${node.localName} ${name}=${value}`);
    }
    node.childNodes.forEach(walk);
  };
  walk(document.documentElement);
  return lines;
});

// difference is the first place where two lists differ, in words.
export function difference(got, want) {
  const i = want.findIndex((line, n) => line !== got[n]);
  if (i < 0 && got.length === want.length) return "";
  const n = i < 0 ? want.length : i;
  return `line ${n}: ${JSON.stringify(got[n])}, want ${JSON.stringify(want[n])} (after ${JSON.stringify(want[n - 1])})`;
}
