/**
 * Where the customer writes: the growing text field, the counter near the limit, and what went wrong with sending.
 */

import { number, t } from "./words.js";

const LONGEST_MESSAGE = 4000;
const COUNTER_FROM = 3600;

export class Composer {
  #ui;
  #text;
  #noticeTimer = 0;
  /** What goes along with the text: "" may be sent with files, and nothing while one is on its way. */
  files = { ready: 0, busy: false };

  /**
   * @param {import("./types").Parts} ui
   * @param {(text: string) => boolean} onSend takes the text, or says false; only then is the field emptied
   * @param {() => void} onTyping
   */
  constructor(ui, onSend, onTyping) {
    this.#ui = ui;
    const text = (this.#text = ui.text);
    const submit = () => {
      const written = text.value.trim();
      if (!this.#isSendable(written) || !onSend(written)) return;
      text.value = "";
      this.measure();
    };
    ui.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    text.addEventListener("input", () => {
      this.measure();
      if (text.value.trim()) onTyping();
    });
    text.addEventListener("keydown", (event) => {
      // Enter that ends a composition (Japanese, Chinese, Korean) chooses a word, it does not send.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    });
  }

  get field() {
    return this.#text;
  }

  focus() {
    this.#text.focus({ preventScroll: true });
  }

  /** A refused text goes back where it can be mended, after whatever is being written there. @param {string} text */
  putBack(text) {
    const { value } = this.#text;
    this.#text.value = value.trim() ? `${value}\n${text}` : text;
    this.measure();
    this.focus();
  }

  /** @param {string|null} text  null: nothing is to be said any more  @param {boolean} isFault */
  notice(text, isFault = true) {
    clearInterval(this.#noticeTimer);
    this.#ui.notice.classList.toggle("calm", !isFault);
    this.#ui.notice.hidden = text === null;
    this.#ui.notice.textContent = text ?? "";
  }

  /** Count down to what the text announces. @param {string} text  @param {number} ms  @param {boolean} isFault */
  countdown(text, ms, isFault = true) {
    const until = Date.now() + ms;
    const show = () => {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      if (seconds <= 0) {
        this.notice(null);
        return;
      }
      left.textContent = ` (${seconds} s)`;
    };
    this.notice(text, isFault);
    // Seen, but not read out every second.
    const left = document.createElement("span");
    left.setAttribute("aria-hidden", "true");
    this.#ui.notice.append(left);
    show();
    this.#noticeTimer = setInterval(show, 1000);
  }

  /** Fit the field to its text, and say how much room is left. */
  measure() {
    const text = this.#text;
    const { counter, send } = this.#ui;
    text.style.height = "";
    if (text.scrollHeight > text.clientHeight) text.style.height = `${text.scrollHeight}px`;
    const written = text.value.trim();
    const length = lengthOf(written);
    const over = length - LONGEST_MESSAGE;
    send.disabled = !this.#isSendable(written);
    counter.hidden = length < COUNTER_FROM;
    counter.classList.toggle("over", over > 0);
    const figures = `${number(length)} / ${number(LONGEST_MESSAGE)}`;
    counter.textContent = over > 0 ? `${figures}: ${t("tooMany", { n: number(over) })}` : figures;
  }

  #isSendable(/** @type {string} */ text) {
    return !this.files.busy && (isSendable(text) || (text === "" && this.files.ready > 0));
  }
}

/** @param {string} text */
export function isSendable(text) {
  return text !== "" && lengthOf(text) <= LONGEST_MESSAGE;
}

/** Characters as the server counts them: an emoji is one, not two. */
function lengthOf(/** @type {string} */ text) {
  return text.length < COUNTER_FROM ? text.length : Array.from(text).length;
}
