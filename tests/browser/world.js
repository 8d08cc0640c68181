// The one server and the one browser that all tests share; importing this starts them before the tests.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Steward } from "./steward.js";
import { Visit, launch } from "./visit.js";

export let steward;
let browser;

before(async () => {
  [steward, browser] = await Promise.all([Steward.start(), launch()]);
});

after(async () => {
  await browser?.close();
  await steward?.stop();
  assert.deepEqual(Visit.faults, [], "script errors and breaches of the content security policy");
});

/** A test in a visit of its own, ended whatever happens; `options` are those of a Playwright context. */
export function inVisit(name, body, options) {
  test(name, async () => {
    const visit = await Visit.begin(browser, steward.url, options);
    try {
      await body(visit);
    } finally {
      await visit.end();
    }
  });
}
