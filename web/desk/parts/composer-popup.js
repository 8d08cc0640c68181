/**
 * What opens above the composer while somebody writes "/" (canned replies) or "@" (colleagues): which of them fit, and the keys in it.
 */

import { css, fill, h, icon } from "/design/index.js";

export const popupStyles = css`
.popup { position: absolute; inset-block-end: calc(100% + 4px); inset-inline: 14px; max-block-size: 270px; overflow: auto; padding: 5px; border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-surface); box-shadow: var(--st-shadow-l); z-index: 2; }
.popup .item { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 9px; padding: 7px 10px; border-radius: var(--st-radius-s); cursor: pointer; }
.popup .item[aria-selected="true"] { background: var(--st-selected); }
.popup .item .sub { grid-column: 2; color: var(--st-quiet); font-size: var(--st-text-s); }
.popup .none { padding: 12px; color: var(--st-quiet); font-size: var(--st-text-s); }
`;

/** @typedef {{id: string, label: string, sub?: string, icon: string, value: any}} Choice */

export class Popup {
  #field;
  #choose;
  /** @type {Choice[]} */
  #choices = [];
  #at = 0;
  element = h("div", { class: "popup", id: "popup", role: "listbox", hidden: true });

  /** @param {HTMLTextAreaElement} field @param {(value: any) => void} choose */
  constructor(field, choose) {
    this.#field = field;
    this.#choose = choose;
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", "popup");
    // A press in the list would take the focus from the field.
    this.element.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /**
   * @param {string} label
   * @param {Choice[]} choices
   * @param {string} none what to say where there is nothing
   */
  open(label, choices, none) {
    this.#choices = choices;
    this.#at = Math.min(this.#at, Math.max(0, choices.length - 1));
    this.element.hidden = false;
    this.element.setAttribute("aria-label", label);
    this.#draw(none);
  }

  close() {
    if (!this.isOpen) return;
    this.element.hidden = true;
    this.#at = 0;
    this.#field.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event @returns {boolean} true if it was meant for the list */
  key(event) {
    if (!this.isOpen) return false;
    const count = this.#choices.length;
    if (event.key === "Escape") this.close();
    else if (count === 0) return false;
    else if (event.key === "ArrowDown") this.#move((this.#at + 1) % count);
    else if (event.key === "ArrowUp") this.#move((this.#at + count - 1) % count);
    else if (event.key === "Enter" || event.key === "Tab") this.#take(this.#choices[this.#at]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** @param {number} to */
  #move(to) {
    this.#at = to;
    this.#draw("");
    this.element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Choice} choice */
  #take(choice) {
    this.close();
    this.#choose(choice.value);
  }

  /** @param {string} none */
  #draw(none) {
    fill(this.element, this.#choices.length === 0 ? h("div", { class: "none", role: "option", "aria-disabled": "true" }, none)
      : this.#choices.map((choice, index) => h("div", { class: "item", role: "option", id: `c${index}`, "aria-selected": String(index === this.#at), onclick: () => this.#take(choice), onpointermove: () => index !== this.#at && this.#move(index) },
        icon(choice.icon, 16), h("span", { class: "cut" }, choice.label), choice.sub && h("span", { class: "sub cut" }, choice.sub))));
    if (this.#choices.length > 0) this.#field.setAttribute("aria-activedescendant", `c${this.#at}`);
    else this.#field.removeAttribute("aria-activedescendant");
  }
}
