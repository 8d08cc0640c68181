/** Six languages, one of them from right to left: all words are there, fit, and a person can be asked for in each. */

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { breaches } from "../lib/axe.mjs";
import { until } from "../lib/until.mjs";
import { visit } from "../lib/world.mjs";

const FOLDER = new URL("../../../web/widget/locales/", import.meta.url);
const NAMES = ["ar", "de", "en", "es", "fr", "zh"];
const SAME = new Set(["online", "offline", "name", "conversation", "suggestions", "sources", "source", "no"]); // in English and some other language

/** @returns {Promise<Record<string, string>>} */
const wordsOf = async (name) => (await import(new URL(`${name}.js`, FOLDER).href)).default;

test("every language has every word, with the same gaps to fill", async () => {
  assert.deepEqual((await readdir(FOLDER)).sort(), NAMES.map((name) => `${name}.js`));
  const english = await wordsOf("en");
  const gaps = (text) => (text.match(/\{\w+\}|\|/g) ?? []).sort();
  for (const name of NAMES) {
    const words = await wordsOf(name);
    assert.deepEqual(Object.keys(words), Object.keys(english), name);
    for (const [key, text] of Object.entries(words)) {
      assert(text.trim() !== "", `${name}: ${key} is empty`);
      assert.deepEqual(gaps(text), gaps(english[key]), `${name}: ${key}`);
      if (name !== "en" && !SAME.has(key)) assert.notEqual(text, english[key], `${name}: ${key} is English`);
    }
  }
});

for (const name of NAMES) {
  test(`${name}: at 320 px all is in the language and in sight, and a person can be asked for`, async () => {
    const words = await wordsOf(name);
    const chat = await visit({ viewport: { width: 320, height: 568 }, reducedMotion: "reduce", locale: name });
    // The demo page says what it is in English; the language of the visitor's browser counts where no page says one.
    await chat.widget.evaluate((host) => {
      document.documentElement.removeAttribute("lang");
      for (const said of ["heading", "greeting"]) host.removeAttribute(said);
      host.setAttribute("locale", "auto");
    });
    await until(async () => (await chat.part("launcher").getAttribute("aria-label")) === `${words.heading}: ${words.open}`, "it speaks the language");
    await chat.open();
    await until(async () => (await chat.part("presence").textContent()) === words.online, "it is online");
    assert.equal(await chat.part("greeting").textContent(), words.greeting);
    assert.equal(await chat.part("root").getAttribute("dir"), name === "ar" ? "rtl" : "ltr");
    const end = await chat.part("close").boundingBox();
    assert.equal(end.x < 160, name === "ar", "the button that ends the line is where lines end");
    await chat.say("How do I return something?");
    await chat.hasReplies(1);
    await chat.part("person").click();
    await chat.part("handoff").waitFor();
    assert.equal(await chat.part("handoff-text").textContent(), words.inLine);
    const wide = await chat.part("panel").evaluate((panel) =>
      [...panel.querySelectorAll("*")].filter((one) => one.checkVisibility() && !one.closest("svg, .announcer, .chip") && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline" && one.clientWidth > 0).map((one) => one.className || one.localName),
    );
    assert.deepEqual(wide, [], "nothing is wider than its place");
    await chat.page.evaluate(() => (document.documentElement.lang = "en"));
    assert.deepEqual(await breaches(chat.page), []);
  });
}

test("a language that is asked for wins over the page's, the page's over the browser's, and an unknown one gives English", async () => {
  const chat = await visit({ locale: "fr-CA" });
  const label = async (ending) => until(async () => (await chat.part("launcher").getAttribute("aria-label"))?.endsWith(ending), `the label ends with ${ending}`);
  await label((await wordsOf("en")).open);
  const wish = (attribute, value) => chat.widget.evaluate((host, [attribute, value]) => {
    if (attribute === "lang") document.documentElement.lang = value;
    else host.setAttribute(attribute, value);
    host.setAttribute("base-url", location.origin); // as another page would be
    host.removeAttribute("base-url");
  }, [attribute, value]);
  await wish("lang", "zh-Hant-TW");
  await label((await wordsOf("zh")).open);
  await wish("locale", "de-AT");
  await label((await wordsOf("de")).open);
  await wish("locale", "tlh");
  await label((await wordsOf("en")).open);
});
