/**
 * Who is writing now: heard of a moment ago, and not since they sent it.
 */

const FORGET_MS = 5000;

export class Typists {
  /** @type {Map<string, number>} until when, by name; `customer` for the customer */
  #until = new Map();
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @returns {string[]} */
  get names() {
    return [...this.#until.keys()];
  }

  /** @param {string} who */
  heard(who) {
    this.#until.set(who, Date.now() + FORGET_MS);
    window.setTimeout(() => (this.#until.get(who) ?? Infinity) <= Date.now() && this.forget(who), FORGET_MS + 50);
    this.#changed();
  }

  /** @param {string} who */
  forget(who) {
    if (this.#until.delete(who)) this.#changed();
  }
}
