/** The policy that the server sends with its pages holds, and these checks would see a breach of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../lib/until.mjs";
import { faultsSoFar, visit } from "../lib/world.mjs";

test("no foreign script runs on the page, and an attempt is noticed", async () => {
  const chat = await visit();
  await chat.page.evaluate(() => {
    const inline = document.createElement("script");
    inline.textContent = "window.ranInline = true";
    document.body.append(inline);
  });
  const noticed = [];
  await until(() => noticed.push(...faultsSoFar()) > 0, "the breach is noticed");
  assert.match(noticed[0], /content security policy/i);
  assert.equal(await chat.page.evaluate(() => window.ranInline), undefined);
});
