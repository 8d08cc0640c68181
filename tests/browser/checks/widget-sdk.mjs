/** The chat by one script tag on somebody else's site, under a strict policy: the whole of StewardSDK. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Chat } from "../lib/chat.mjs";
import { siteOfItsOwn, tagOf } from "../lib/host.mjs";
import { until } from "../lib/until.mjs";
import { goTo, serverOfItsOwn, someone } from "../lib/world.mjs";

const TOKEN = "pk-shop-1234";

/** A site that the server knows, and its page opened by somebody new. */
async function onTheSite(context, { page = {}, settings = {}, prepare = async () => {} } = {}) {
  const site = await siteOfItsOwn();
  context.after(() => site.close());
  const server = await serverOfItsOwn({ SERVER_ALLOWED_ORIGINS: site.url, ...settings });
  site.show({ server: server.url, head: tagOf(server.url), ...(typeof page === "function" ? page(server.url, site) : page) });
  const visitor = await someone();
  await prepare(visitor);
  const chat = await goTo(visitor, site.url);
  return { site, server, visitor, chat, page: chat.page };
}

const sdk = (page, ...call) => page.evaluate(([name, ...given]) => window.StewardSDK[name](...given), call);

test("one tag puts the chat on a strict page: it works, and leaves nothing there but itself", async (context) => {
  const strangers = [];
  const { chat, page, visitor, server, site } = await onTheSite(context, {
    prepare: async (visitor) => {
      visitor.on("request", (request) => strangers.push(new URL(request.url()).origin));
      await visitor.addInitScript(() => {
        window.before = Object.keys(window);
        window.heard = [];
        for (const name of ["steward:ready", "steward:message"]) addEventListener(name, ({ type, detail }) => window.heard.push({ type, ...detail }));
      });
    },
  });
  await chat.open();
  const reply = await chat.ask("How do I return something?");
  await chat.part("chip").first().click();
  await chat.part("quote").first().waitFor();

  const added = await page.evaluate(() => Object.keys(window).filter((name) => !window.before.includes(name) && !["before", "heard", "axe"].includes(name)));
  assert.deepEqual(added, ["StewardSDK"]);
  assert.deepEqual(await visitor.cookies(), []);
  assert.deepEqual([...new Set(strangers)].sort(), [site.url, server.url].sort(), "nobody else is asked anything");
  const heard = await page.evaluate(() => window.heard);
  assert.equal(heard[0].type, "steward:ready");
  assert.deepEqual(
    heard.slice(1).map(({ from, text }) => [from, text]),
    [["customer", "How do I return something?"], ["steward", heard.at(-1).text]],
  );
  assert.equal(heard.at(-1).text.replaceAll("\n", ""), reply.replaceAll("\n", "").replace(/^• /gm, "- "));
});

test("run, with what window.stewardSettings says, opens and shuts, hides, speaks and darkens the chat", async (context) => {
  const { chat, page } = await onTheSite(context, {
    page: (server, site) => ({
      head: `<script nonce="${site.nonce}">window.stewardSettings = { locale: "de", position: "left", suggestions: ["Wo ist mein Paket?"] }</script>
        <script src="${server}/widget/sdk.js" nonce="${site.nonce}"></script>`,
      body: `<script nonce="${site.nonce}">StewardSDK.run({ baseUrl: "${server}", heading: "Der Laden" })</script>`,
    }),
  });
  await chat.part("launcher").waitFor();
  assert.equal(await chat.part("launcher").getAttribute("aria-label"), "Der Laden: Chat öffnen");
  assert((await chat.part("launcher").boundingBox()).x < 100, "it stands on the left");
  await sdk(page, "toggle");
  await chat.part("suggestions").getByText("Wo ist mein Paket?").waitFor();
  await sdk(page, "toggle", "close");
  await chat.part("panel").waitFor({ state: "hidden" });

  await sdk(page, "toggleBubbleVisibility", "hide");
  await chat.part("launcher").waitFor({ state: "hidden" });
  await sdk(page, "toggle", "open");
  await chat.part("panel").waitFor();
  await sdk(page, "toggleBubbleVisibility");
  await sdk(page, "toggle", "close");
  await chat.part("launcher").waitFor();

  await sdk(page, "setLocale", "es");
  await until(async () => (await chat.part("launcher").getAttribute("aria-label")) === "Der Laden: abrir el chat", "it speaks Spanish");
  await sdk(page, "toggle", "open");
  const surface = () => chat.part("panel").evaluate((panel) => getComputedStyle(panel).backgroundColor);
  await sdk(page, "setColorScheme", "light");
  const light = await surface();
  await sdk(page, "setColorScheme", "dark");
  assert.notEqual(await surface(), light);
});

test("what the page says of the customer is kept with the conversation, and reset forgets the person", async (context) => {
  const { chat, page } = await onTheSite(context);
  const told = [];
  page.on("request", (request) => request.method() === "PUT" && told.push(request));
  await sdk(page, "setUser", "u-7", { name: "Jo Bloggs", email: "jo@example.com" });
  await sdk(page, "setCustomAttributes", { plan: "gold", seats: 3 });
  await chat.open();
  await chat.ask("How much is shipping?");
  await until(async () => told.length > 0 && (await told.at(-1).response())?.ok(), "the server has the attributes");
  assert.deepEqual(told.at(-1).postDataJSON(), {
    name: "Jo Bloggs",
    email: "jo@example.com",
    custom: { identifier: "u-7", plan: "gold", seats: 3 },
  });

  const first = await chat.remembered("token");
  await sdk(page, "reset");
  await until(async () => (await chat.said()).length === 0, "nothing of the person is shown");
  assert.equal(await chat.remembered("token"), null);
  assert.equal(await chat.part("panel").isVisible(), false);
  await chat.open();
  await chat.isOnline();
  assert.notEqual(await chat.remembered("token"), first);
  assert.deepEqual(await chat.said(), []);
});

test("the chat goes on in a window of its own, with the token in no address", async (context) => {
  const { chat, page, visitor, server } = await onTheSite(context, { page: { lang: "fr" } });
  await chat.open();
  await chat.ask("How much is shipping?");
  const [window] = await Promise.all([visitor.waitForEvent("page"), chat.part("popout").click()]);
  const goOn = new Chat(window);
  await goOn.hasReplies(1);
  assert.deepEqual(await goOn.said(), ["How much is shipping?"]);
  assert.equal(window.url(), `${server.url}/widget/window.html`);
  assert.equal(await goOn.field.getAttribute("placeholder"), "Écrivez un message…");
  await goOn.ask("How do gift cards work?");
  await window.reload();
  await goOn.hasReplies(2);
  await chat.open();
  await chat.hasReplies(2);
  assert.equal(await page.title(), "A site");
});

test("a site that the server does not know gets no settings, and one that it knows does", async (context) => {
  const settings = { WIDGET_WEBSITES: `shop=${TOKEN}`, WIDGET_HEADING: "Ask the shop" };
  const { chat, page, server, site } = await onTheSite(context, { settings, page: (server) => ({ head: tagOf(server, `data-website-token="${TOKEN}"`) }) });
  await chat.part("launcher").waitFor();
  assert.match(await chat.part("launcher").getAttribute("aria-label"), /^Ask the shop/);
  site.show({ server: server.url, head: tagOf(server.url) });
  const said = page.waitForEvent("console", (message) => /no settings for this page.*website_token/s.test(message.text()));
  await page.reload();
  await said;
});
