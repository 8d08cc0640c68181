/**
 * How the line stands, in words: a line under the heading, and a banner where the customer should know.
 */

import { t } from "./words.js";

const BANNER_AFTER_MS = 1500;

export class Presence {
  #ui;
  #wasOnline = false;
  #timer = 0;

  /** @param {import("./types").Parts} ui  @param {() => void} retry */
  constructor(ui, retry) {
    this.#ui = ui;
    ui["banner-action"].addEventListener("click", retry);
  }

  clear() {
    this.#banner("");
    this.#ui.presence.textContent = "";
  }

  /** @param {import("./types").ConnectionState} name  @param {number} delayMs */
  state(name, delayMs = 0) {
    clearTimeout(this.#timer);
    const { banner, presence } = this.#ui;
    const words = /** @type {const} */ ({ connecting: "connecting", online: "online", waiting: "reconnecting", offline: "offline", signed_out: "signedOut" });
    presence.textContent = t(words[name]);
    if (name === "online") {
      this.#banner("");
      this.#wasOnline = true;
    } else if (name === "waiting") {
      // A blink of the line is nobody's concern; a longer break is.
      const show = () => this.#banner(t(this.#wasOnline ? "lost" : "unreachable"), true);
      if (banner.hidden && delayMs < BANNER_AFTER_MS) this.#timer = setTimeout(show, BANNER_AFTER_MS);
      else show();
    } else if (name !== "connecting") this.#banner(t(name === "offline" ? "youOffline" : "expired"));
  }

  /** @param {string} text  @param {boolean} canRetry */
  #banner(text, canRetry = false) {
    clearTimeout(this.#timer);
    this.#ui.banner.hidden = text === "";
    this.#ui["banner-text"].textContent = text;
    this.#ui["banner-action"].hidden = !canRetry;
  }
}
