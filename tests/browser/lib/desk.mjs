/**
 * The desk as people of the company use it: one for each browser window. Its parts are found through their shadow roots by role,
 * label or class, as a reader finds them.
 */

import axe from "axe-core";
import assert from "node:assert/strict";
import { PASSWORD } from "./server.mjs";
import { until } from "./until.mjs";
import { browserOfItsOwn } from "./world.mjs";

/** What appears has done so by then: half faded it has too little contrast. */
const FADING_MS = 700;

export class Desk {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
  }

  get rows() {
    return this.page.locator("inbox-list a.entry");
  }

  get field() {
    return this.page.locator("composer-box textarea");
  }

  get list() {
    return this.page.locator("conversation-view st-list");
  }

  get panel() {
    return this.page.locator("suggestions-panel");
  }

  button(name) {
    return this.page.getByRole("button", { name });
  }

  /** Open the conversation of `customer` from the inbox, and wait for its words. */
  async openConversation(customer) {
    await this.rows.filter({ hasText: customer }).first().click();
    await this.hasOpened();
  }

  async hasOpened() {
    await this.page.locator("conversation-head h2").waitFor();
    await this.list.locator(".row").first().waitFor();
  }

  /** The conversation that is open, by its address. */
  get conversation() {
    return decodeURIComponent(new URL(this.page.url()).pathname.split("/").at(-1));
  }

  /** Write a reply and let it go out, without the five seconds in which it can be taken back. */
  async say(text) {
    await this.field.fill(text);
    await this.field.press("Enter");
    await this.list.locator(".msg.agent:not(.unsent)", { hasText: text }).waitFor();
  }

  /** Wait until nothing says that it is still loading. Events keep the network busy for ever, so its silence says nothing. */
  async isLoaded() {
    await until(async () => (await this.page.locator('st-empty[kind="loading"]').count()) === 0, "nothing is loading");
  }

  /**
   * What axe-core finds at fault on the page. Left to itself it copies linked sheets into `style` elements, which the policy
   * refuses, for a rule that is off.
   */
  async faults() {
    await this.page.waitForTimeout(FADING_MS);
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"], preload: { assets: ["media"] } }));
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.flat().join(" ")} (${failureSummary.split("\n")[1]?.trim()})`).join("; ")}`);
  }

  async isAccessible(what) {
    assert.deepEqual(await this.faults(), [], what);
  }
}

/** `name` signs in at the desk of `server`, and sees `path`. */
export async function deskOf(server, name, { path = "/desk", ...options } = {}) {
  const page = await browserOfItsOwn(options);
  await page.goto(`${server.url}${path}`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password", { exact: true }).press("Enter");
  await page.locator("desk-nav nav").waitFor();
  await until(() => !new URL(page.url()).pathname.endsWith("sign-in"), "the desk is open");
  return new Desk(page);
}
