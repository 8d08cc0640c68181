// A visit to the demo page: a page in a browser context of its own, and what a customer does there.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const SCREENSHOTS = process.env.SCREENSHOTS ?? join(import.meta.dirname, "../../target/browser-screenshots");
const PATIENCE_MS = 15_000;

export function launch() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Waits until `condition` holds. */
export async function until(condition, what = String(condition)) {
  const deadline = Date.now() + PATIENCE_MS;
  let problem;
  while (Date.now() < deadline) {
    try {
      if (await condition()) return;
      problem = undefined;
    } catch (caught) {
      problem = caught;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw problem ?? new Error(`never came true: ${what}`);
}

export class Visit {
  /** Script errors and breaches of the content security policy, of all visits. */
  static faults = [];

  /** Opens the demo page; `options` are those of a Playwright context. */
  static async begin(browser, url, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    return Visit.inContext(context, url);
  }

  /** Another tab of the same person. */
  static async inContext(context, url) {
    const visit = new Visit();
    visit.context = context;
    visit.page = await context.newPage();
    visit.page.on("pageerror", (error) => Visit.faults.push(String(error)));
    visit.page.on("console", (message) => {
      if (/Content Security|Refused to|violat/i.test(message.text())) Visit.faults.push(message.text());
    });
    visit.chat = visit.page.locator("steward-chat");
    await visit.page.goto(url);
    await visit.chat.locator(".launcher").waitFor();
    return visit;
  }

  async open() {
    await this.chat.locator(".launcher").click();
    await this.chat.locator("textarea").waitFor();
  }

  async close() {
    await this.chat.locator(".close").click();
  }

  /** Signs in as the person at `place` of the picker; 0 is a visitor. */
  async signIn(place) {
    await this.page.locator(".who").click();
    await this.page.locator(".people label").nth(place).click();
  }

  async say(text) {
    await this.chat.locator("textarea").fill(text);
    await this.chat.locator("textarea").press("Enter");
  }

  said(kind) {
    return this.chat.locator(`.row.${kind}:not(.typing) .bubble`).allTextContents();
  }

  /** Waits until there are `count` whole replies. */
  async answered(count) {
    await until(async () => {
      const whole = await this.chat.locator('.row.steward[data-state="whole"]').count();
      return whole === count && (await this.said("steward")).length === count;
    }, `${count} replies`);
  }

  async screenshot(name) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  async end() {
    await this.context.close();
  }
}
