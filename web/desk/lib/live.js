/**
 * What is new, for the whole desk: one stream of events from the server, told to whoever listens.
 *
 * Fires `conversation`, `removed`, `presence`, `note`, `mention`, `team`, `changed` with the event's data as detail, `state` when the line is
 * `open` or `lost`, `missed` when it is open again and what happened meanwhile must be asked for, and `counts`.
 */

import { events } from "../api.js";

/** @typedef {{queued: number, agent: number, mine: number, bot: number, snoozed: number, mentions: number}} Counts */

const NAMES = ["conversation", "removed", "presence", "note", "mention", "team", "changed"];

class Live extends EventTarget {
  /** @type {"open"|"lost"|"off"} */
  state = "off";
  /** @type {Counts} */
  counts = { queued: 0, agent: 0, mine: 0, bot: 0, snoozed: 0, mentions: 0 };
  /** @type {(() => void)|null} */
  #stop = null;
  #wasOpen = false;

  start() {
    if (this.#stop !== null) return;
    const handlers = Object.fromEntries(NAMES.map((name) => [name, (/** @type {unknown} */ data) => this.#tell(name, data)]));
    this.#stop = events("/v1/desk/events", handlers, (state) => {
      const isAgain = state === "open" && this.#wasOpen;
      this.#wasOpen ||= state === "open";
      this.state = state;
      this.#tell("state", state);
      if (isAgain) this.#tell("missed", null);
    });
  }

  stop() {
    this.#stop?.();
    this.#stop = null;
    this.#wasOpen = false;
    this.state = "off";
  }

  /** @param {Partial<Counts>} counts */
  count(counts) {
    this.counts = { ...this.counts, ...counts };
    this.#tell("counts", this.counts);
  }

  /**
   * @param {string} type
   * @param {(detail: any) => void} run
   * @param {AbortSignal} signal
   */
  on(type, run, signal) {
    this.addEventListener(type, (event) => run(/** @type {CustomEvent} */ (event).detail), { signal });
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

export const live = new Live();
