/**
 * /design/compare: people choose between two replies to the same question without knowing who wrote them. The replies come from a file
 * of `steward eval replies --json`; nothing is sent anywhere.
 */

import { fill, h } from "../index.js";
import { pairsOf, repliesIn, scores } from "./pairs.js";

/** @typedef {import("./pairs.js").Pair} Pair */
/** @typedef {import("./pairs.js").Choice} Choice */

/** @type {[Choice, string, string][]} */
const CHOICES = [["left", "1", "The left one"], ["right", "2", "The right one"], ["both", "3", "Both alike, good"], ["neither", "4", "Both alike, bad"]];

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const progress = /** @type {HTMLElement} */ (document.querySelector(".progress"));
/** @type {Pair[]} */
let pairs = [];
/** @type {{pair: Pair, choice: Choice}[]} */
let votes = [];
let isAsking = false;

/** @param {string} [problem] */
function begin(problem = "") {
  const file = h("input", { type: "file", id: "file", accept: ".jsonl,.json,.txt", onchange: () => file.files?.[0]?.text().then(read) });
  fill(main, h("section", null,
    h("label", { for: "file" }, h("h2", null, "The replies")),
    h("p", { class: "hint" }, "A file that “steward eval replies --json” wrote. It stays in this browser."),
    file,
    problem !== "" && h("p", { role: "alert" }, problem)));
}

/** @param {string} text */
function read(text) {
  try {
    pairs = pairsOf(repliesIn(text));
  } catch (problem) {
    return begin(problem instanceof Error ? problem.message : String(problem));
  }
  if (pairs.length === 0) return begin("No question in this file has two different replies.");
  votes = [];
  return ask();
}

function ask() {
  const pair = pairs[votes.length];
  isAsking = pair !== undefined;
  if (pair === undefined) return tell();
  progress.textContent = `${votes.length + 1} of ${pairs.length}`;
  const buttons = CHOICES.map(([choice, key, words]) => h("st-button", { "data-choice": choice, kbd: key, onclick: () => choose(choice) }, words));
  fill(main,
    h("section", null, h("h2", null, "A customer asks"), h("p", { class: "question" }, pair.question),
      h("details", null, h("summary", null, "What is known"), h("ul", null, pair.facts.map((fact) => h("li", null, fact))))),
    h("div", { class: "pair" }, [pair.left, pair.right].map(({ reply }, at) => h("article", { "aria-label": at === 0 ? "The left reply" : "The right reply" }, h("p", { class: "reply" }, reply)))),
    h("div", { class: "row", role: "group", "aria-label": "Which would you rather send?" }, buttons),
    votes.length > 0 && h("div", { class: "row" }, h("st-button", { onclick: back }, "One back"), h("st-button", { onclick: stop }, "Stop and see the result")));
}

/** @param {Choice} choice */
function choose(choice) {
  votes.push({ pair: pairs[votes.length], choice });
  ask();
}

function back() {
  votes.pop();
  ask();
}

function stop() {
  pairs = pairs.slice(0, votes.length);
  ask();
}

function tell() {
  progress.textContent = `${votes.length} chosen`;
  const percent = (/** @type {number} */ part, /** @type {number} */ all) => all === 0 ? "–" : `${Math.round((100 * part) / all)} %`;
  const rows = scores(votes).map(({ writer, against, wins, losses, ties }) => h("tr", null, [writer, against, wins, losses, ties, percent(wins, wins + losses)].map((cell) => h("td", null, String(cell)))));
  const kept = votes.map(({ pair, choice }) => ({ set: pair.set, question: pair.question, left: pair.left.writer, right: pair.right.writer, choice }));
  const address = URL.createObjectURL(new Blob([kept.map((vote) => `${JSON.stringify(vote)}\n`).join("")], { type: "application/x-ndjson" }));
  fill(main, h("section", null, h("h2", null, "Who was chosen"),
    h("table", null,
      h("thead", null, h("tr", null, ["Writer", "Against", "Chosen", "Not chosen", "Alike", "Share"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", null, rows))),
  h("div", { class: "row" }, h("a", { href: address, download: "choices.jsonl" }, "Keep the choices"), h("st-button", { onclick: () => begin() }, "Compare others")));
}

document.addEventListener("keydown", (event) => {
  const choice = CHOICES.find(([, key]) => key === event.key)?.[0];
  if (isAsking && choice !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) choose(choice);
});
window.addEventListener("beforeunload", (event) => {
  if (isAsking && votes.length > 0) event.preventDefault();
});

begin();
