/** Markup and script in whatever others write: messages, articles, records, names. All of it is shown as text, none of it runs. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { WITH_TEAM, agentDoes } from "../lib/agent.mjs";
import { Server } from "../lib/server.mjs";
import { visit } from "../lib/world.mjs";

const RUNS = "window.ran=(window.ran||0)+1";
const IMAGE = `<img src=x onerror=${RUNS}>`;
const PAYLOADS = [
  `<script>${RUNS}</script>`,
  IMAGE,
  `"><svg/onload=${RUNS}>`,
  `<iframe srcdoc="<script>parent.${RUNS}</script>"></iframe>`,
  `<a href="javascript:${RUNS}">click</a>`,
  `javascript:${RUNS}`,
  `https://evil.example/"onmouseover="${RUNS}`,
  `<style>@import "https://evil.example/a.css"</style>`,
  `{{constructor.constructor("${RUNS}")()}}`,
  `\u202e<math><mtext></form><form><mglyph><style></math>${IMAGE}`,
];
const CUSTOMER = `Mallory ${IMAGE}`;

/** A shop whose article, record and customer are hostile. */
async function plantedShop() {
  const shop = await mkdtemp(join(tmpdir(), "steward-planted-"));
  for (const part of ["knowledge", "accounts"]) await mkdir(join(shop, part));
  const article = {
    id: `javascript:${RUNS}`,
    title: `Kayak rental ${IMAGE}`,
    text: `A kayak rental costs $30 a day ${IMAGE} with a paddle. <script>${RUNS}</script> javascript:${RUNS}`,
    url: `javascript:${RUNS}`,
  };
  const order = { kind: "order", id: "#W1", customer_id: "m1", fields: { status: `packed ${IMAGE}`, items: [{ name: `Tent ${IMAGE}`, price: 5 }] } };
  const customer = `[[customer]]\nid = "m1"\nname = ${JSON.stringify(CUSTOMER)}\nnote = ${JSON.stringify(IMAGE)}\n`;
  await writeFile(join(shop, "knowledge", "articles.jsonl"), JSON.stringify(article));
  await writeFile(join(shop, "accounts", "orders.jsonl"), JSON.stringify(order));
  await writeFile(join(shop, "demo.toml"), customer);
  return shop;
}

/** What in the page is not text: elements and attributes that only planted markup could have made. */
function planted() {
  const roots = [document, document.querySelector("steward-chat").shadowRoot];
  const found = [];
  for (const element of roots.flatMap((root) => [...root.querySelectorAll("*")])) {
    const own = ["IMG", "SCRIPT"].includes(element.tagName) && /^\/(demo|widget)\//.test(new URL(element.src, location).pathname);
    if (/^(img|script|iframe|object|embed|math|base|form|mglyph)$/i.test(element.tagName) && !own && !element.matches("form.composer")) found.push(element.outerHTML);
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name) || (/^(href|src|action|srcdoc)$/i.test(name) && /^\s*javascript:/i.test(value))) found.push(`${name}=${value}`);
    }
  }
  return found;
}

test("nothing that anybody writes becomes markup, runs, or sends a request", async (context) => {
  const shop = await plantedShop();
  const server = new Server({
    LIMITS_TOKENS_PER_MINUTE: 10_000,
    SERVER_DEMO_DIRECTORY: shop,
    SERVER_DEMO_CUSTOMERS: join(shop, "demo.toml"),
    ...WITH_TEAM,
  });
  context.after(async () => {
    await server.remove();
    await rm(shop, { recursive: true, force: true });
  });
  await server.start();
  const strangers = [];
  const prepare = async (browser) => {
    browser.on("request", (request) => {
      if (!request.url().startsWith(`${server.url}/`) && !request.url().startsWith("data:")) strangers.push(request.url());
    });
  };
  const chat = await visit({ server, prepare });
  const isClean = async (what) => {
    assert.equal(await chat.page.evaluate(() => window.ran), undefined, `${what} ran`);
    assert.deepEqual(await chat.page.evaluate(planted), [], `${what} became markup`);
    assert.deepEqual(strangers, [], `${what} sent a request`);
  };

  await chat.open();
  for (const payload of PAYLOADS) await chat.ask(payload);
  assert.deepEqual(await chat.said(), PAYLOADS);
  await isClean("a customer's message");

  const answer = await chat.ask("How much is kayak rental?");
  assert(answer.includes("$30 a day") && answer.includes(IMAGE), answer);
  await chat.part("chip").last().click();
  const quote = chat.part("quote").last();
  assert((await quote.textContent()).includes(`Kayak rental ${IMAGE}`), await quote.textContent());
  assert.equal(await quote.locator("a").count(), 0, "a javascript: address is no link");
  await isClean("an article");

  await agentDoes(chat, `Ada ${IMAGE}`, [
    { type: "take_over" },
    ...PAYLOADS.map((text, at) => ({ type: "message", id: `a${at}`, text })),
  ]);
  await chat.part("row.agent").nth(PAYLOADS.length - 1).waitFor();
  assert.deepEqual(await chat.part("row.agent").locator(".bubble").allTextContents(), PAYLOADS);
  for (const link of await chat.part("row.agent").locator("a").all()) await link.hover();
  await isClean("an agent's message");

  await chat.shopAs(CUSTOMER);
  const status = await chat.ask("What is the status of order #W1?");
  assert(status.includes(IMAGE), status);
  await chat.part("chip").first().click();
  await isClean("a record");

  await chat.reload();
  await isClean("what was stored");
});
