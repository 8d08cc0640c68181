/**
 * <st-palette></st-palette>
 *
 * One field for everything: commands and places by their words. `commands` (property): `() => [{id, label, group, icon, kbd, hint, words, run}]`,
 * asked each time it opens; `find` (property): `async (text, signal) => commands` brings more while the reader types.
 * `show()` opens it. Arrow keys move, Enter runs, Escape closes.
 */

import { StElement, define } from "../element.js";
import { fill, h, later } from "../dom.js";
import { icon } from "../icons.js";
import { css } from "../sheet.js";

const styles = css`
:host { display: contents; }
dialog {
  inline-size: min(600px, calc(100vw - 24px)); margin-block-start: min(14vh, 120px); padding: 0; border: 1px solid var(--st-line); border-radius: var(--st-radius-l); background: var(--st-surface); color: var(--st-text);
  box-shadow: var(--st-shadow-l); overflow: hidden;
}
dialog::backdrop { background: var(--st-shade); }
.top { display: flex; align-items: center; gap: 10px; padding: 0 16px; border-block-end: 1px solid var(--st-line); color: var(--st-quiet); }
input { flex: 1; min-inline-size: 0; min-block-size: 52px; border: 0; background: none; font-size: var(--st-text-l); color: var(--st-text); }
input:focus-visible { outline: none; }
input::placeholder { color: var(--st-quiet); opacity: 1; }
.list { max-block-size: min(54vh, 440px); overflow: auto; padding: 6px; }
.group { padding: 9px 10px 3px; font-size: var(--st-text-xs); font-weight: 650; color: var(--st-quiet); }
.item { display: flex; align-items: center; gap: 10px; min-block-size: 40px; padding: 5px 10px; border-radius: var(--st-radius-s); cursor: pointer; scroll-margin: 30px; }
.item svg { color: var(--st-quiet); }
.item .words { flex: 1; min-inline-size: 0; }
.item .hint { color: var(--st-quiet); font-size: var(--st-text-s); }
.item[aria-selected="true"] { background: var(--st-selected); }
.none { padding: 22px; text-align: center; color: var(--st-quiet); }
`;

/** @typedef {{id: string, label: string, group?: string, icon?: string, kbd?: string, hint?: string, words?: string, run: () => void}} Command */

const MOST = 40;

export class StPalette extends StElement {
  static styles = [styles];

  /** @type {() => Command[]} */
  commands = () => [];
  /** @type {((text: string, signal: AbortSignal) => Promise<Command[]>)|null} */
  find = null;

  #input = h("input", {
    type: "text", role: "combobox", placeholder: "Search for people, conversations, commands…", "aria-label": "Search for people, conversations, commands", "aria-expanded": "true", "aria-controls": "list",
    "aria-autocomplete": "list", autocomplete: "off", spellcheck: false,
  });
  #list = h("div", { class: "list", id: "list", role: "listbox", "aria-label": "What was found" });
  #dialog = h("dialog", { "aria-label": "Go to, or do" }, h("div", { class: "top" }, icon("search", 20), this.#input, h("kbd", null, "Esc")), this.#list);
  /** @type {Command[]} */
  #all = [];
  /** @type {Command[]} */
  #found = [];
  /** @type {Command[]} */
  #fetched = [];
  #at = 0;
  #looking = new AbortController();
  #look = later(() => void this.#fetch(), 140);

  constructor() {
    super();
    this.root.append(this.#dialog);
    this.#input.addEventListener("input", () => {
      this.#at = 0;
      this.#filter();
      this.#look();
    });
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog.addEventListener("pointerdown", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  show() {
    this.#all = this.commands();
    this.#fetched = [];
    this.#input.value = "";
    this.#at = 0;
    this.#filter();
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#input.focus();
  }

  async #fetch() {
    this.#looking.abort();
    this.#looking = new AbortController();
    const { signal } = this.#looking;
    const text = this.#input.value.trim();
    let found = /** @type {Command[]} */ ([]);
    try {
      if (this.find !== null && text.length > 1) found = await this.find(text, signal);
    } catch {
      return; // the commands that are here still serve
    }
    if (signal.aborted) return;
    this.#fetched = found;
    this.#filter();
  }

  #filter() {
    const words = this.#input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const matches = this.#all.filter(({ label, words: more = "", group = "" }) => {
      const text = `${label} ${more} ${group}`.toLocaleLowerCase();
      return words.every((word) => text.includes(word));
    });
    this.#found = [...matches, ...this.#fetched].slice(0, MOST);
    this.#at = Math.min(this.#at, Math.max(0, this.#found.length - 1));
    this.#draw();
  }

  #draw() {
    /** @type {HTMLElement[]} */
    const rows = [];
    let group = "";
    this.#found.forEach((command, index) => {
      if (command.group && command.group !== group) rows.push(h("div", { class: "group", role: "presentation" }, command.group));
      group = command.group ?? group;
      rows.push(h("div", {
        class: "item", role: "option", id: `o${index}`, "aria-selected": String(index === this.#at), onclick: () => this.#run(command),
        onpointermove: () => this.#move(index),
      }, icon(command.icon ?? "next", 18), h("span", { class: "words cut" }, command.label, command.hint && h("span", { class: "hint" }, `  ${command.hint}`)), command.kbd && h("kbd", null, command.kbd)));
    });
    fill(this.#list, rows.length > 0 ? rows : h("div", { class: "none", role: "option", "aria-disabled": "true" }, "Nothing is called that"));
    if (this.#found.length > 0) this.#input.setAttribute("aria-activedescendant", `o${this.#at}`);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  /** @param {number} to */
  #move(to) {
    if (to === this.#at) return;
    this.#list.querySelector(`#o${this.#at}`)?.setAttribute("aria-selected", "false");
    this.#at = to;
    const row = this.#list.querySelector(`#o${to}`);
    row?.setAttribute("aria-selected", "true");
    this.#input.setAttribute("aria-activedescendant", `o${to}`);
  }

  /** @param {Command} command */
  #run(command) {
    this.#dialog.close();
    command.run();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const count = this.#found.length;
    if (event.key === "ArrowDown" && count > 0) this.#move((this.#at + 1) % count);
    else if (event.key === "ArrowUp" && count > 0) this.#move((this.#at + count - 1) % count);
    else if (event.key === "Enter" && !event.isComposing && count > 0) this.#run(this.#found[this.#at]);
    else return;
    this.#list.querySelector(`#o${this.#at}`)?.scrollIntoView({ block: "nearest" });
    event.preventDefault();
  }
}

define("st-palette", StPalette);
