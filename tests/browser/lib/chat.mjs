/**
 * The chat as a person uses it: open it, write, read what stands there. One for each browser tab.
 */

import { until } from "./until.mjs";

export class Chat {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    this.context = page.context();
    this.widget = page.locator("steward-chat");
  }

  /** One of the widget's parts, by class. */
  part(name) {
    return this.widget.locator(`.${name}`);
  }

  get field() {
    return this.widget.locator(".field textarea");
  }

  /** The page's scripts have run: the picker lists the shop's customers. */
  async isReady() {
    await this.part("launcher").or(this.part("panel")).first().waitFor();
    await this.page.locator(".who").waitFor();
  }

  async open() {
    await this.part("launcher").click();
    await this.part("panel").waitFor();
  }

  async close() {
    await this.part("close").click();
    await this.part("launcher").waitFor();
  }

  async reload() {
    await this.page.reload();
    await this.isReady();
  }

  async say(text) {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** Say it, and wait for the whole reply to it. */
  async ask(text) {
    const before = (await this.replies()).length;
    await this.say(text);
    await this.hasReplies(before + 1);
    return (await this.replies()).at(-1);
  }

  /** Choose somebody in the picker at the top of the shop; "Visitor" is nobody. */
  async shopAs(name) {
    await this.page.locator(".who").click();
    await this.page.locator(".people label", { hasText: name }).click();
    await until(async () => (await this.page.locator(".who-name").textContent()) === name, `the shop greets ${name}`);
  }

  /** What the customer wrote, as it stands there. */
  said() {
    return this.part("row.customer").locator(".bubble").allTextContents();
  }

  /** The replies that stand there whole. */
  replies() {
    return this.widget.locator(".row.steward:not(.typing, [aria-busy]) .bubble").allTextContents();
  }

  async hasReplies(count) {
    await until(async () => (await this.replies()).length >= count, `there are ${count} replies`);
  }

  async isOnline() {
    await until(async () => (await this.part("presence").textContent()) === "Online", "the chat is online");
  }

  /** Customer messages in this state: queued, sending, delivered, refused. */
  async inState(state, count) {
    await until(async () => (await this.widget.locator(`.customer[data-state="${state}"]`).count()) === count, `${count} messages are ${state}`);
  }

  /** What this browser remembers of the visitor under `name`: token, session, outbox. */
  remembered(name) {
    return this.page.evaluate((ending) => {
      const key = Object.keys(localStorage).find((candidate) => candidate.endsWith(`:visitor:${ending}`));
      return key === undefined ? null : JSON.parse(localStorage.getItem(key));
    }, name);
  }

  /** The conversation as the server stored it, over its own interface. */
  async stored() {
    const { conversation } = await this.remembered("session");
    const token = await this.remembered("token");
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(new URL(`/v1/conversations/${conversation}/transcript`, this.page.url()), { headers });
    if (!response.ok) throw new Error(`no transcript: status ${response.status}`);
    return (await response.json()).messages;
  }
}
