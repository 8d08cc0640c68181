/** The desk with 10,000 conversations and 5,000 messages in one: what it may cost. Figures go to the test's output. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { deskOf } from "../lib/desk.mjs";
import { until } from "../lib/until.mjs";
import { serverOfItsOwn } from "../lib/world.mjs";

const SEED = fileURLToPath(new URL("../lib/seed.py", import.meta.url));
const FILTER_MS = 100;
/** On a machine with much else to do; alone it is a fraction. */
const ANSWER_MS = 1_000;
const ROUNDS = 7;
const STEPS = 60;
const SCREEN_MS = 50;

/** How long from a press until the list shows rows of what it was for, and until the server's answer stands there. */
function filterTimes(desk, chips) {
  return desk.page.evaluate(async (names) => {
    const list = document.querySelector("desk-app").shadowRoot.querySelector("desk-inbox").shadowRoot.querySelector("inbox-list");
    const { inbox } = list;
    const rows = () => list.shadowRoot.querySelector("st-list")?.shadowRoot.querySelectorAll("a.entry").length ?? 0;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const shown = [];
    const answered = [];
    for (const { name, state } of names) {
      const before = inbox.filter;
      const began = performance.now();
      [...list.shadowRoot.querySelectorAll("button.chip")].find((each) => each.textContent.startsWith(name)).click();
      while (inbox.filter === before || inbox.status !== "ready" || rows() === 0) await frame();
      shown.push(performance.now() - began);
      if (state !== null && inbox.entries.some((entry) => entry.state !== state)) throw new Error(`${name} shows what is not of it`);
      while (!inbox.isAnswered) await frame();
      answered.push(performance.now() - began);
    }
    const middle = (times) => times.sort((one, other) => one - other)[Math.floor(times.length / 2)];
    return { shown: middle(shown), answered: middle(answered) };
  }, chips);
}

test("10,000 conversations and 5,000 messages in one stay within the budgets", async (check) => {
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  await server.stop();
  const long = execFileSync("python3", [SEED, server.directory], { encoding: "utf8" }).trim();
  await server.start();
  const desk = await deskOf(server, "ada");
  await desk.rows.first().waitFor();

  // The filter: from the press to the painted rows.
  const chips = Array.from({ length: ROUNDS }, (_, round) => (round % 2 === 0 ? { name: "In line", state: "queued" } : { name: "Open", state: null }));
  const { shown, answered } = await filterTimes(desk, chips);
  check.diagnostic(`inbox filter with 10,000 conversations, median: rows after ${shown.toFixed(0)} ms, the server's answer after ${answered.toFixed(0)} ms`);
  assert.ok(shown < FILTER_MS, `the filter takes ${shown} ms`);
  assert.ok(answered < ANSWER_MS, `the server's answer takes ${answered} ms`);

  // The list: whoever scrolls on comes to all of it, and only what is in sight is there.
  const list = desk.page.locator("inbox-list st-list");
  await until(async () => {
    await list.evaluate((element) => (element.scrollTop = element.scrollHeight));
    return (await list.evaluate((element) => element.items.length)) > 3_000;
  }, "thousands of conversations are listed");
  assert.ok((await desk.rows.count()) < 60);

  // The long conversation: it opens at its end, reads back in pages, and keeps the reader's place.
  const began = Date.now();
  await desk.page.goto(`${server.url}/desk/c/${long}`);
  await desk.list.locator(".row", { hasText: "(5000)" }).waitFor();
  check.diagnostic(`a conversation of 5,000 messages: ${Date.now() - began} ms from the address to its end`);
  assert.ok(await desk.list.evaluate((element) => element.isAtEnd));
  await desk.page.goto(`${server.url}/desk/c/${long}?seq=3`);
  await desk.list.locator(".msg.found", { hasText: "(3)" }).waitFor();
  assert.ok((await desk.list.locator(".row").count()) < 80, "only what is in sight is there");
  assert.equal(await desk.list.evaluate((element) => element.items.filter(({ kind }) => kind === "message").length), 5_000);

  // What scrolling through it costs, in the page's own processor time: the machine may have much else to do.
  const meter = await desk.page.context().newCDPSession(desk.page);
  await meter.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async () => (await meter.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  const before = await spent();
  await desk.list.evaluate(async (element, steps) => {
    for (let step = 0; step < steps; step += 1) {
      element.scrollTop += 900;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    }
  }, STEPS);
  const each = ((await spent()) - before) / STEPS;
  check.diagnostic(`scrolling through it: ${each.toFixed(1)} ms of processor time for each screen`);
  assert.ok(each < SCREEN_MS, `a screen takes ${each} ms`);
});
