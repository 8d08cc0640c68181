/**
 * Shows text that arrives in bursts at a steady pace, as if read out.
 *
 * In: pieces of text, then the whole. Out: one text node that grows. The pace follows the backlog, so the reader is
 * never more than a moment behind. Who asked for less motion, or is looking elsewhere, gets the text at once.
 */

const SLOWEST_PER_SECOND = 70;
const CATCH_UP_SECONDS = 0.35;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Reveal {
  #node = document.createTextNode("");
  #text = "";
  #shown = 0;
  #frame = 0;
  #lastTime = 0;
  #grew;
  /** @type {(() => void)|null} */
  #whenDone = null;

  /** @param {Element} parent  @param {() => void} grew called after each growth */
  constructor(parent, grew) {
    this.#grew = grew;
    parent.append(this.#node);
  }

  /** @param {string} text */
  push(text) {
    this.#text += text;
    this.#go();
  }

  /** The authoritative text. What is shown stays where it agrees; `done` runs when all of it stands there. @param {string} text  @param {() => void} done */
  finish(text, done) {
    if (!text.startsWith(this.#text.slice(0, this.#shown))) this.#shown = text.length;
    this.#text = text;
    this.#whenDone = done;
    this.#go();
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #go() {
    if (calm.matches || document.hidden) this.#shown = this.#text.length;
    if (this.#shown >= this.#text.length) {
      this.stop();
      this.#paint();
      return;
    }
    if (this.#frame === 0) {
      this.#lastTime = performance.now();
      this.#frame = requestAnimationFrame((now) => this.#step(now));
    }
  }

  /** @param {number} now */
  #step(now) {
    this.#frame = 0;
    const seconds = Math.min(0.1, Math.max(0, now - this.#lastTime) / 1000);
    const backlog = this.#text.length - this.#shown;
    const perSecond = Math.max(SLOWEST_PER_SECOND, backlog / CATCH_UP_SECONDS);
    this.#shown = Math.min(this.#text.length, this.#shown + Math.max(1, Math.round(perSecond * seconds)));
    // Never stop between the halves of a surrogate pair.
    const last = this.#text.charCodeAt(this.#shown - 1);
    if (last >= 0xd800 && last <= 0xdbff) this.#shown += 1;
    this.#paint();
    if (this.#shown >= this.#text.length) return;
    this.#lastTime = now;
    this.#frame = requestAnimationFrame((next) => this.#step(next));
  }

  #paint() {
    this.#node.data = this.#text.slice(0, this.#shown);
    this.#grew();
    if (this.#shown >= this.#text.length && this.#whenDone) {
      const done = this.#whenDone;
      this.#whenDone = null;
      done();
    }
  }
}
