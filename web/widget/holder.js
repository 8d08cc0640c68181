/**
 * Who answers: Steward, nobody yet, or a person. Says so above the composer and in the transcript.
 */

import { t, time } from "./words.js";

export class Holder {
  #ui;
  #transcript;
  #announce;
  #withPerson = false;
  /** @type {string|null} */
  #name = null;
  /** @type {import("./types").Settings["hours"]} */
  hours;

  /** @param {{ui: import("./types").Parts, transcript: import("./transcript.js").Transcript, announce: (text: string) => void}} parts */
  constructor({ ui, transcript, announce }) {
    this.#ui = ui;
    this.#transcript = transcript;
    this.#announce = announce;
  }

  /** Handed over, or a person has joined: nobody promises an answer within seconds. */
  get withPerson() {
    return this.#withPerson;
  }

  get personName() {
    return this.#name ?? t("member");
  }

  /** Steward answers, as at the beginning. */
  clear() {
    this.#withPerson = false;
    this.#name = null;
    this.hide();
  }

  hide() {
    this.#ui.handoff.hidden = true;
  }

  /** It waits for a person. */
  inLine() {
    this.#transcript.typing(false);
    if (this.#withPerson && !this.#ui.handoff.hidden) return;
    this.#withPerson = true;
    this.#name = null;
    const back = this.hours?.open === false && this.hours.next_open_ms;
    this.#ui["handoff-text"].textContent = t("inLine") + (back ? ` ${t("awayUntil", { time: time(back) })}` : "");
    this.#ui.handoff.hidden = false;
    this.#transcript.scrollToEnd();
  }

  /** A stored event that says who answers now. @param {import("./types").Frame} frame */
  event({ event, name, seq }) {
    if (event === "handed_off") {
      this.#transcript.dropUnfinished();
      this.inLine();
      return;
    }
    const joins = event === "agent_joined";
    const words = joins
      ? t("joined", { name: name ?? t("aMember") })
      : { agent_left: t("left"), nobody_came: t("nobody") }[event];
    if (!words) return;
    this.clear();
    this.#withPerson = joins;
    if (joins) this.#name = name ?? null;
    this.#transcript.dropUnfinished();
    this.#transcript.status(words, joins ? "joined" : "left", seq);
    this.#announce(words);
  }
}
