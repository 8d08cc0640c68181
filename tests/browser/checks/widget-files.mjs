/** Files and pictures: chosen, pasted, dropped; refused aloud; shown to whoever may see them, also under a strict policy. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { WITH_TEAM, token } from "../lib/agent.mjs";
import { breaches } from "../lib/axe.mjs";
import { until } from "../lib/until.mjs";
import { serverOfItsOwn, tab, visit } from "../lib/world.mjs";

/** A PNG of 60 x 40 pixels, drawn by the browser itself. */
async function picture(page) {
  const data = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(60, 40);
    const paint = canvas.getContext("2d");
    paint.fillStyle = "#c60";
    paint.fillRect(0, 0, 60, 40);
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    return [...bytes];
  });
  return { name: "tent.png", mimeType: "image/png", buffer: Buffer.from(data) };
}

/** Files as the page's own events bring them: by a paste into the field, or a drop on the chat. */
function bring(chat, how, files) {
  return chat.widget.evaluate(
    (host, [how, files]) => {
      const given = new DataTransfer();
      for (const { name, type, text } of files) given.items.add(new File([text], name, { type }));
      const root = host.shadowRoot;
      const at = { bubbles: true, cancelable: true };
      if (how === "paste") return root.querySelector(".field textarea").dispatchEvent(new ClipboardEvent("paste", { ...at, clipboardData: given }));
      for (const name of ["dragover", "drop"]) root.querySelector(".panel").dispatchEvent(new DragEvent(name, { ...at, dataTransfer: given }));
    },
    [how, files],
  );
}

const uploads = (chat) => chat.part("uploads").locator(".file");

test("a picture is attached, sent with a text, drawn, and there after a reload", async () => {
  const chat = await visit();
  await chat.open();
  await chat.part("picker").setInputFiles(await picture(chat.page));
  await until(async () => (await uploads(chat).locator("canvas").count()) === 1, "a preview is drawn");
  await until(async () => (await uploads(chat).locator("progress").isVisible()) === false, "it has gone up");
  assert.deepEqual(await breaches(chat.page), []);
  await chat.say("It looks like this.");
  await chat.inState("delivered", 1);
  assert.equal(await uploads(chat).count(), 0);
  const drawn = () => chat.part("row.customer").locator(".picture canvas").evaluate((canvas) => [canvas.width, canvas.height]);
  await until(async () => String(await drawn()) === "60,40", "the picture is drawn");
  assert.deepEqual(await breaches(chat.page), []);
  const [download] = await Promise.all([chat.page.waitForEvent("download"), chat.part("picture").click()]);
  assert.equal(download.suggestedFilename(), "tent.png");

  const other = await tab(chat.context);
  await other.open();
  await until(async () => (await other.part("row.customer").locator(".picture canvas").count()) === 1, "another tab shows it");
  assert.deepEqual(await other.said(), ["It looks like this."]);
});

test("files are pasted and dropped, sent without a word, and the team gets them", async () => {
  const server = await serverOfItsOwn(WITH_TEAM);
  const chat = await visit({ server });
  await chat.open();
  await bring(chat, "paste", [{ name: "notes.txt", type: "text/plain", text: "The zipper broke." }]);
  await bring(chat, "drop", [{ name: "more.txt", type: "text/plain", text: "And so did the pole." }]);
  await until(async () => (await chat.part("send").isEnabled()) && (await uploads(chat).count()) === 2, "both have gone up");
  await uploads(chat).first().getByRole("button", { name: "Remove notes.txt" }).click();
  await chat.part("send").click();
  await chat.inState("delivered", 1);
  assert.equal(await chat.part("row.customer").locator(".bubble").isVisible(), false, "no empty bubble stands there");
  const [download] = await Promise.all([chat.page.waitForEvent("download"), chat.widget.getByRole("button", { name: "Download more.txt" }).click()]);
  assert.equal(download.suggestedFilename(), "more.txt");

  const { conversation } = await chat.remembered("session");
  const headers = { authorization: `Bearer ${token("Ada")}` };
  const { messages } = await (await fetch(`${server.url}/v1/conversations/${conversation}/messages`, { headers })).json();
  const [file] = messages.find(({ from }) => from === "customer").files;
  assert.equal(file.name, "more.txt");
  assert.equal(await (await fetch(`${server.url}/v1/files/${file.id}`, { headers })).text(), "And so did the pole.");
});

test("what is not taken is said beside the file, and keeps nothing from being sent", async () => {
  const server = await serverOfItsOwn({ WIDGET_MAX_FILE_BYTES: 1000 });
  const chat = await visit({ server });
  await chat.open();
  const problem = (name) => uploads(chat).filter({ hasText: name }).locator(".problem");
  await bring(chat, "drop", [
    { name: "page.html", type: "text/html", text: "<script>alert(1)</script>" },
    { name: "long.txt", type: "text/plain", text: "a".repeat(1001) },
    { name: "fake.png", type: "image/png", text: "no picture at all" },
  ]);
  assert.equal(await problem("page.html").textContent(), "Files of this kind are not taken.");
  assert.match(await problem("long.txt").textContent(), /too big: 1 kB at most/);
  await until(async () => /bytes are those of|is not|kind/i.test(await problem("fake.png").textContent()), "the server's refusal is said");
  assert.deepEqual(await breaches(chat.page), []);
  await chat.ask("How much is shipping?");
  assert.equal(await uploads(chat).count(), 3, "what went wrong stays in sight until it is removed");
});

test("a file that could not go up is tried again, and offline is no dead end", async () => {
  const chat = await visit();
  await chat.open();
  await chat.isOnline();
  await chat.context.route(/\/files\?/, (route) => route.abort());
  await bring(chat, "paste", [{ name: "notes.txt", type: "text/plain", text: "The zipper broke." }]);
  await uploads(chat).getByText("This file could not be uploaded.").waitFor();
  await chat.context.unroute(/\/files\?/);
  await uploads(chat).getByText("Try again").click();
  await until(async () => chat.part("send").isEnabled(), "it has gone up");
  await chat.context.setOffline(true);
  await chat.say("Here it is.");
  await chat.inState("queued", 1);
  await chat.context.setOffline(false);
  await chat.inState("delivered", 1);
  assert.deepEqual(await chat.said(), ["Here it is."]);
  assert.equal(await chat.part("row.customer").getByText("notes.txt").count(), 1);
});

test("where the server takes no files, none are offered", async () => {
  const server = await serverOfItsOwn({ WIDGET_FILES: "false" });
  const chat = await visit({ server });
  await chat.open();
  assert.equal(await chat.part("attach").isVisible(), false);
  await bring(chat, "paste", [{ name: "notes.txt", type: "text/plain", text: "The zipper broke." }]);
  await chat.ask("How much is shipping?");
  assert.equal(await uploads(chat).count(), 0);
});
