/**
 * What every check stands on: one server with the demo shop, one Chromium, and a page for each check.
 *
 * A page that reports a script error or a breach of the content security policy fails the check that it belongs to.
 */

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { chromium } from "playwright-core";
import { Chat } from "./chat.mjs";
import { Server } from "./server.mjs";
import { PATIENCE_MS } from "./until.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** The shared server. Its limits are wide, because all the checks come from one address. */
export const shop = new Server({ LIMITS_TOKENS_PER_MINUTE: 10_000 });
let browser;
let contexts = [];
let servers = [];
let faults = [];

before(async () => {
  const args = ["--disable-dev-shm-usage"]; // containers have little of it
  if (process.getuid?.() === 0) args.push("--no-sandbox"); // Chromium refuses to start as root with it
  [browser] = await Promise.all([chromium.launch({ executablePath: CHROMIUM, args }), shop.start()]);
});

afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await Promise.all(servers.map((server) => server.remove()));
  contexts = [];
  servers = [];
  assert.deepEqual(faultsSoFar(), []);
});

after(async () => {
  await browser?.close();
  await shop.remove();
});

/** A server for one check, over the same shop, with other settings or to be ended. */
export async function serverOfItsOwn(settings = {}) {
  const server = await shop.beside({ LIMITS_TOKENS_PER_MINUTE: 10_000, ...settings });
  servers.push(server);
  return server;
}

/** Somebody new opens the demo page; returns their chat, still closed. */
export async function visit({ server = shop, prepare = async () => {}, ...options } = {}) {
  const context = await someone(options);
  await prepare(context);
  return tab(context, server);
}

/** The same person opens the page in a further tab. */
export async function tab(context, server = shop) {
  const chat = await goTo(context, server.url);
  await chat.isReady();
  return chat;
}

/** A browser of its own, for whoever is not a customer of the shop; its first page, still empty. */
export async function browserOfItsOwn(options = {}) {
  return watched(await someone(options));
}

/** Somebody new, with a browser of their own and no page yet. */
export async function someone(options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  contexts.push(context);
  return context;
}

/** They open any page that has the chat. */
export async function goTo(context, url) {
  const page = await watched(context);
  await page.goto(url);
  return new Chat(page);
}

/** A page whose faults are those of the check. */
async function watched(context) {
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (/content security|violat|refused to/i.test(message.text())) faults.push(message.text());
  });
  return page;
}

/** Script errors and policy breaches since this was last asked; asking forgets them. */
export function faultsSoFar() {
  const found = faults;
  faults = [];
  return found;
}
