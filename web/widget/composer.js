/**
 * Where the customer writes: the growing text field, the counter near the limit, and what went wrong with sending.
 *
 * In: key strokes. Out: `onSend(text)`, which says whether it took the text; only then is the field emptied.
 */

const LONGEST_MESSAGE = 4000;
const COUNTER_FROM = 3600;

export class Composer {
  #text;
  #send;
  #counter;
  #notice;
  #noticeTimer = 0;

  /** @param {{form, text, send, counter, notice}} parts  @param {(text: string) => boolean} onSend */
  constructor({ form, text, send, counter, notice }, onSend) {
    this.#text = text;
    this.#send = send;
    this.#counter = counter;
    this.#notice = notice;
    const submit = () => {
      const written = text.value.trim();
      if (!isSendable(written) || !onSend(written)) return;
      text.value = "";
      this.measure();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    text.addEventListener("input", () => this.measure());
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

  /** A refused text goes back where it can be mended, after whatever is being written there. */
  putBack(text) {
    const { value } = this.#text;
    this.#text.value = value.trim() ? `${value}\n${text}` : text;
    this.measure();
    this.focus();
  }

  /** @param {string|null} text  null: nothing is wrong any more */
  notice(text) {
    clearInterval(this.#noticeTimer);
    this.#notice.hidden = text === null;
    this.#notice.textContent = text ?? "";
  }

  /** Count down to when the queued message goes out. */
  countdown(text, ms) {
    const until = Date.now() + ms;
    const show = () => {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      if (seconds <= 0) {
        this.notice(null);
        return;
      }
      left.textContent = ` (${seconds} s)`;
    };
    this.notice(`${text} Your message will be sent in a moment.`);
    // Seen, but not read out every second.
    const left = document.createElement("span");
    left.setAttribute("aria-hidden", "true");
    this.#notice.append(left);
    show();
    this.#noticeTimer = setInterval(show, 1000);
  }

  /** Fit the field to its text, and say how much room is left. */
  measure() {
    const text = this.#text;
    text.style.height = "";
    if (text.scrollHeight > text.clientHeight) text.style.height = `${text.scrollHeight}px`;
    const written = text.value.trim();
    const length = lengthOf(written);
    const over = length - LONGEST_MESSAGE;
    this.#send.disabled = !isSendable(written);
    this.#counter.hidden = length < COUNTER_FROM;
    this.#counter.classList.toggle("over", over > 0);
    const figures = `${grouped(length)} / ${grouped(LONGEST_MESSAGE)}`;
    this.#counter.textContent = over > 0 ? `${figures}: ${grouped(over)} too many` : figures;
  }
}

export function isSendable(text) {
  return text !== "" && lengthOf(text) <= LONGEST_MESSAGE;
}

/** Characters as the server counts them: an emoji is one, not two. */
function lengthOf(text) {
  return text.length < COUNTER_FROM ? text.length : Array.from(text).length;
}

function grouped(number) {
  return number.toLocaleString("en-US");
}
