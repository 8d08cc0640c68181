/** What the chat costs the page that it stands on: bytes, time, and a still page. Figures are printed as they are measured. */

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { siteOfItsOwn, tagOf } from "../lib/host.mjs";
import { until } from "../lib/until.mjs";
import { goTo, serverOfItsOwn, someone, visit } from "../lib/world.mjs";

const MOST_BYTES = 30_000; // gzipped, for everything that any one language loads
const INTERACTIVE_MS = 200;
const BURST_MS = 50;
const RUNS = 5;
const FOLDER = new URL("../../../web/widget/", import.meta.url);

test("everything that one language loads is under 30 kB, as the server sends it", async (context) => {
  const chat = await visit();
  const from = new Set();
  chat.page.on("request", (request) => from.add(request.url()));
  await chat.reload();
  const base = new URL("/widget/", chat.page.url());
  const bytesOf = async (name) => {
    const response = await fetch(new URL(name, base));
    assert(response.ok, name);
    return gzipSync(Buffer.from(await response.arrayBuffer()), { level: 9 }).length;
  };
  // All that loads on its own, and what only loads when it is wanted: the parts that are not joined into the chat itself.
  const loaded = [...from].filter((url) => url.startsWith(base.href)).map((url) => url.slice(base.href.length));
  assert(loaded.includes("steward-chat.js") && loaded.some((name) => name.startsWith("locales/")), loaded.join());
  const parts = loaded.filter((name) => !name.startsWith("locales/"));
  const rest = ["sdk.js", "window.html", "window.js"];
  let sum = 0;
  for (const name of new Set([...parts, ...rest])) sum += await bytesOf(name);
  for (const name of await readdir(new URL("locales/", FOLDER))) {
    const all = sum + (await bytesOf(`locales/${name}`));
    context.diagnostic(`${name}: ${all} bytes`);
    assert(all < MOST_BYTES, `${name}: ${all} bytes`);
  }
});

test("the chat can be used within 200 ms of the page's load, and moves nothing on the page", async (context) => {
  const site = await siteOfItsOwn();
  context.after(() => site.close());
  const server = await serverOfItsOwn({ SERVER_ALLOWED_ORIGINS: site.url });
  site.show({ server: server.url, head: tagOf(server.url) });
  const times = [];
  for (let run = 0; run < RUNS; run += 1) {
    const visitor = await someone();
    await visitor.addInitScript(() => {
      // What moves because somebody pressed something is no shift, by the measure's own definition.
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput, startTime, sources } of list.getEntries()) {
          if (hadRecentInput) continue;
          const moved = sources.map(({ node, previousRect, currentRect }) => [node?.nodeName, previousRect.y, currentRect.y]);
          window.shifts.push({ value, startTime: Math.round(startTime), moved });
        }
      }).observe({ type: "layout-shift", buffered: true });
      addEventListener("steward:ready", () => (window.readyAt = performance.now()));
    });
    const chat = await goTo(visitor, site.url);
    await chat.part("launcher").waitFor();
    const { after, loaded } = await chat.page.evaluate(() => {
      const [{ loadEventEnd }] = performance.getEntriesByType("navigation");
      return { after: window.readyAt - loadEventEnd, loaded: loadEventEnd };
    });
    assert(loaded > 0);
    times.push(Math.round(after));
    await chat.open();
    await chat.isOnline();
    await chat.close();
    assert.deepEqual(await chat.page.evaluate(() => window.shifts), [], "nothing on the page has moved");
  }
  times.sort((one, other) => one - other);
  context.diagnostic(`interactive after load: ${times.join(", ")} ms`);
  assert(times[Math.floor(RUNS / 2)] < INTERACTIVE_MS, `${times}`);
});

test("no burst of a streamed reply holds the page for 50 ms", async (context) => {
  const chat = await visit();
  await chat.open();
  await chat.isOnline();
  // Every long task of the page, and how long each frame of a reply takes to be handled, layout and all.
  await chat.page.evaluate(() => {
    window.tasks = [];
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => window.tasks.push(duration))).observe({ type: "longtask" });
  });
  for (const question of ["How do I return something?", "How long is the warranty on a tent?", "How do gift cards work?"]) await chat.ask(question);
  await until(async () => (await chat.part("chip").count()) >= 3, "the sources stand there");
  const tasks = await chat.page.evaluate(() => window.tasks);
  context.diagnostic(`long tasks: ${tasks.map(Math.round).join(", ") || "none"}`);
  assert.deepEqual(tasks.filter((ms) => ms >= BURST_MS), []);
});
