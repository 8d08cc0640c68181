/**
 * <mood-strip>: satisfaction and risk of a conversation over its messages, and how both stand now. `marks`: Map of judgements by number.
 * Pointing at a moment, or the arrow keys on it, say why; a press fires `choose` with the message's number.
 */

import { StElement, css, define, fill, h, toneOfRisk } from "/design/index.js";
import { percent, reasonWords } from "../lib/words.js";
import { reasonsOf } from "./message-row.js";

const styles = css`
:host { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 16px; align-items: center; padding: 7px 22px; border-block-end: 1px solid var(--st-line); background: var(--st-surface); }
:host(.none) { display: none; }
.now { display: grid; grid-template-columns: auto auto; gap: 1px 8px; font-size: var(--st-text-xs); align-items: center; }
.key { display: inline-flex; gap: 6px; align-items: center; color: var(--st-quiet); font-weight: 560; }
.key i { inline-size: 12px; block-size: 3px; border-radius: 2px; background: var(--st-accent); }
.key.risk i { background: var(--st-bad); }
b { font-size: var(--st-text-s); font-variant-numeric: tabular-nums; }
b.bad { color: var(--st-bad-text); } b.warn { color: var(--st-warn-text); }
.why { grid-column: 1 / -1; color: var(--st-bad-text); font-weight: 600; max-inline-size: 190px; }
st-spark { block-size: 46px; }
@media (max-width: 760px) { :host { padding-inline: 12px; gap: 10px; } .why { display: none; } }
`;

const MOST = 80;

export class MoodStrip extends StElement {
  static styles = [styles];

  /** @type {Map<number, any>} */
  #marks = new Map();
  #now = h("div", { class: "now" });
  #spark = h("st-spark", { label: "Satisfaction and risk over the conversation" });

  constructor() {
    super();
    this.root.append(this.#now, this.#spark);
  }

  /** @param {Map<number, any>} marks */
  set marks(marks) {
    this.#marks = marks;
    this.changed();
  }

  render() {
    const seqs = [...this.#marks.keys()].sort((one, other) => one - other).slice(-MOST);
    this.classList.toggle("none", seqs.length === 0);
    if (seqs.length === 0) return;
    const newest = this.#marks.get(/** @type {number} */ (seqs.at(-1)));
    const risk = newest.escalation.probability;
    const content = 1 - newest.satisfaction.dissatisfied;
    const tone = toneOfRisk(risk);
    fill(this.#now, h("span", { class: "key" }, h("i"), "Satisfied"), h("b", { class: toneOfRisk(1 - content, 0.5, 0.75) }, percent(content)),
      h("span", { class: "key risk" }, h("i"), "Risk"), h("b", { class: tone }, percent(risk)),
      tone !== "good" && h("span", { class: "why cut" }, reasonWords(newest.escalation.reason)));
    const points = (/** @type {(mark: any) => number} */ value, /** @type {boolean} */ says) => seqs.map((seq) => {
      const mark = this.#marks.get(seq);
      return { x: seq, value: value(mark), label: `Message ${seq}`, detail: says ? reasonsOf(mark) : [] };
    });
    this.#spark.series = [
      { name: "Satisfied", tone: "accent", points: points((mark) => 1 - mark.satisfaction.dissatisfied, false) },
      { name: "Risk", tone: "bad", area: true, points: points((mark) => mark.escalation.probability, true) },
    ];
  }
}

define("mood-strip", MoodStrip);
