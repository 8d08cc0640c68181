/**
 * What Steward suggests to write in one conversation: asked for, streamed, worded otherwise, and what became of each.
 * Fires `change`.
 */

import { get, lines, post } from "../api.js";

/**
 * @typedef {{id: string, kind: string, text: string, done: boolean, citations: any[], evidence: any[], groundedness: {score: number, sentences: {text: string, supported: boolean, by: string|null, claims?: boolean}[]}|null,
 *   confidence: number|null, outcome: string|null, shownMs: number, throughSeq: number}} Suggestion
 */

export class Suggestions extends EventTarget {
  /** @type {Suggestion[]} */
  list = [];
  at = 0;
  isBusy = false;
  problem = "";
  /** The customer's message that the list is about. */
  throughSeq = 0;
  #path;
  #asking = new AbortController();

  /** @param {string} path the conversation's */
  constructor(path) {
    super();
    this.#path = path;
  }

  /** @returns {Suggestion|undefined} */
  get chosen() {
    return this.list[this.at];
  }

  /** Takes up what was made already for this message, or asks. @param {number} throughSeq */
  async want(throughSeq) {
    if (throughSeq === this.throughSeq) return;
    this.throughSeq = throughSeq;
    this.list = [];
    this.at = 0;
    this.problem = "";
    this.isBusy = true;
    this.#tell();
    const stored = await get(`${this.#path}/suggestions`).catch(() => null);
    if (throughSeq !== this.throughSeq) return;
    const kept = (stored?.suggestions ?? []).filter((/** @type {any} */ each) => each.through_seq === throughSeq && each.outcome === null && !each.of);
    if (kept.length > 0) {
      this.list = kept.slice(-3).map((/** @type {any} */ each) => ({ ...each, done: true, shownMs: Date.now(), throughSeq }));
      this.isBusy = false;
      this.#tell();
      return;
    }
    await this.ask();
  }

  /**
   * @param {{wish?: "shorter"|"warmer"|"another", of?: string, draft?: string}} [how]
   */
  async ask({ wish, of, draft } = {}) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.isBusy = true;
    this.problem = "";
    if (!wish) this.list = [];
    this.#tell();
    // A wish takes the place of what it is about; another one comes behind.
    let place = wish === undefined || wish === "another" ? this.list.length : this.at;
    /** @type {Map<string, Suggestion>} */
    const made = new Map();
    try {
      for await (const event of lines(`${this.#path}/suggestions`, { through_seq: this.throughSeq || undefined, wish: wish ?? null, of, draft }, { signal })) {
        if (signal.aborted) return;
        if (event.type === "suggestion") {
          const suggestion = { id: event.id, kind: event.kind, text: "", done: false, citations: [], evidence: [], groundedness: null, confidence: null, outcome: null, shownMs: Date.now(), throughSeq: this.throughSeq };
          made.set(event.id, suggestion);
          this.list = wish === undefined || wish === "another" ? [...this.list, suggestion] : this.list.with(place, suggestion);
          if (wish) this.at = place;
          place += 1;
        } else if (event.type === "delta") {
          this.#replace(event.id, (each) => ({ ...each, text: each.text + event.text }));
        } else if (event.type === "done") {
          this.#replace(event.id, (each) => ({ ...each, ...event, done: true }));
        } else if (event.type === "error") {
          this.problem = event.message ?? "No suggestion could be made.";
        }
        this.#tell();
      }
      if (wish && made.size === 0 && !this.problem) this.problem = wish === "another" ? "There is nothing else to suggest." : `It cannot be said ${wish}.`;
    } catch (problem) {
      if (signal.aborted) return;
      this.problem = problem instanceof Error ? problem.message : String(problem);
    }
    this.isBusy = false;
    this.#tell();
  }

  /** @param {string} id @param {(each: Suggestion) => Suggestion} change */
  #replace(id, change) {
    this.list = this.list.map((each) => (each.id === id ? change(each) : each));
  }

  /** @param {number} at */
  choose(at) {
    if (at < 0 || at >= this.list.length) return;
    this.at = at;
    this.#tell();
  }

  /** Takes one away. @param {string} id */
  drop(id) {
    this.list = this.list.filter((each) => each.id !== id);
    this.at = Math.min(this.at, Math.max(0, this.list.length - 1));
    this.#tell();
  }

  clear() {
    this.#asking.abort();
    this.throughSeq = 0;
    this.list = [];
    this.at = 0;
    this.isBusy = false;
    this.problem = "";
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Tells what became of a suggestion.
 * @param {string} id
 * @param {{outcome: "accepted"|"edited"|"rejected", sent_text?: string, message_seq?: number, composing_ms?: number}} outcome
 */
export const tellOutcome = (id, outcome) => post(`/v1/suggestions/${encodeURIComponent(id)}/outcome`, outcome, { keepalive: true });
