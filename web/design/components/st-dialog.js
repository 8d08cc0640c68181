/**
 * <st-dialog heading="Close the conversation?"> body <st-button slot="footer">…</st-button></st-dialog>
 *
 * A modal dialog. `show()` opens it, `close(value)` ends it; fires `close` with the value as detail. Escape and a press outside
 * close it with null. The focus goes to the first element with `autofocus`, or to the first field, and returns to where it was.
 * `kind="side"` slides in from the end of the line, `wide` has more room.
 *
 * `ask({heading, text, confirm, danger})` asks a question and answers true or false.
 */

import { StElement, define } from "../element.js";
import { h } from "../dom.js";
import { css } from "../sheet.js";
import "./st-button.js";

const styles = css`
:host { display: contents; }
dialog {
  inline-size: min(440px, calc(100vw - 32px)); max-block-size: min(86dvh, 800px); padding: 0; border: 1px solid var(--st-line); border-radius: var(--st-radius-l);
  background: var(--st-surface); color: var(--st-text); box-shadow: var(--st-shadow-l); overflow: hidden;
}
:host([wide]) dialog { inline-size: min(760px, calc(100vw - 32px)); }
dialog[open] { display: flex; flex-direction: column; animation: rise var(--st-slow) ease-out; }
dialog::backdrop { background: var(--st-shade); }
@keyframes rise { from { opacity: 0; translate: 0 8px; } }
:host([kind="side"]) dialog { margin-inline: auto 0; margin-block: 0; block-size: 100dvh; max-block-size: none; border-radius: 0; }
header { display: flex; align-items: start; gap: 12px; padding: 16px 12px 6px 20px; padding-inline: 20px 12px; }
header h2 { flex: 1; padding-block-start: 5px; overflow-wrap: anywhere; }
.body:focus-visible { outline: none; }
.body { padding: 6px 20px 20px; overflow: auto; overflow-wrap: anywhere; }
footer { display: flex; flex-wrap: wrap; justify-content: end; gap: 8px; padding: 12px 20px 18px; }
footer.empty { display: none; }
`;

export class StDialog extends StElement {
  static styles = [styles];
  static observedAttributes = ["heading"];

  #heading = h("h2", { id: "heading" });
  #footer = h("footer", { class: "empty" }, h("slot", { name: "footer" }));
  #body = h("div", { class: "body", tabIndex: -1 }, h("slot"));
  #dialog = h("dialog", { "aria-labelledby": "heading" },
    h("header", null, this.#heading, h("st-button", { icon: "cross", label: "Close", variant: "quiet", size: "s", onclick: () => this.close(null) })),
    this.#body, this.#footer);
  /** @type {unknown} */
  #value = null;

  constructor() {
    super();
    this.root.append(this.#dialog);
    const slot = /** @type {HTMLSlotElement} */ (this.#footer.firstElementChild);
    slot.addEventListener("slotchange", () => this.#footer.classList.toggle("empty", slot.assignedElements().length === 0));
    this.#dialog.addEventListener("close", (event) => {
      event.stopPropagation();
      this.dispatchEvent(new CustomEvent("close", { detail: this.#value }));
    });
    this.#dialog.addEventListener("pointerdown", (event) => {
      if (event.target === this.#dialog && !isInside(event, this.#dialog)) this.close(null);
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  show() {
    this.#value = null;
    this.#heading.textContent = this.getAttribute("heading") ?? "";
    if (!this.#dialog.open) this.#dialog.showModal();
    const first = /** @type {HTMLElement|null} */ (this.querySelector("[autofocus]") ?? this.querySelector("st-field, input, textarea, select"));
    if (first) first.focus();
    else this.#body.focus();
  }

  /** @param {unknown} [value] */
  close(value = null) {
    this.#value = value;
    this.#dialog.close();
  }

  render() {
    this.#heading.textContent = this.getAttribute("heading") ?? "";
  }
}

/**
 * @param {PointerEvent} event
 * @param {Element} element
 */
function isInside({ clientX, clientY }, element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
}

/**
 * Asks, and answers whether it was confirmed.
 * @param {{heading: string, text?: string, confirm?: string, danger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export function ask({ heading, text = "", confirm = "OK", danger = false }) {
  const dialog = /** @type {StDialog} */ (h("st-dialog", { heading }));
  dialog.append(
    h("p", null, text),
    h("st-button", { slot: "footer", onclick: () => dialog.close(false) }, "Cancel"),
    h("st-button", { slot: "footer", variant: danger ? "danger" : "primary", autofocus: true, onclick: () => dialog.close(true) }, confirm),
  );
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", (event) => {
      dialog.remove();
      resolve(/** @type {CustomEvent} */ (event).detail === true);
    });
    dialog.show();
  });
}

define("st-dialog", StDialog);
