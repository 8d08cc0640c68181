/**
 * <st-tabs label="Views" selected="a"> <section data-tab="a" data-label="First">…</section> … </st-tabs>
 *
 * Tabs over the children with `data-tab`; the one selected is shown. `tabs` (property): `[{id, label, icon, count}]` names them, and may
 * be given without children: then whoever listens to `change` (detail: the id) shows something else. Arrow keys, Home and End move.
 */

import { StElement, define } from "../element.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { css } from "../sheet.js";

const styles = css`
:host { display: block; }
.tabs { display: flex; gap: 2px; border-block-end: 1px solid var(--st-line); overflow-x: auto; scrollbar-width: none; }
.tab {
  display: flex; align-items: center; gap: 6px; min-block-size: 38px; padding: 0 11px; color: var(--st-quiet); font-weight: 560; white-space: nowrap;
  border-block-end: 2px solid transparent; margin-block-end: -1px;
}
.tab:hover { color: var(--st-text); }
.tab[aria-selected="true"] { color: var(--st-accent-text); border-color: var(--st-accent); }
.tab:focus-visible { outline-offset: -3px; }
.count { padding: 0 6px; border-radius: 9px; background: var(--st-hover); font-size: var(--st-text-xs); font-weight: 600; font-variant-numeric: tabular-nums; color: var(--st-text); }
`;

/** @typedef {{id: string, label: string, icon?: string, count?: number|null}} Tab */

export class StTabs extends StElement {
  static styles = [styles];
  static observedAttributes = ["selected", "label"];

  /** @type {Tab[]|null} */
  #tabs = null;
  #list = h("div", { class: "tabs", role: "tablist" });

  constructor() {
    super();
    this.root.append(this.#list, h("slot"));
    this.#list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @returns {Tab[]} */
  get tabs() {
    return this.#tabs ?? this.#panels().map((panel) => ({ id: panel.dataset.tab ?? "", label: panel.dataset.label ?? "" }));
  }

  set tabs(tabs) {
    this.#tabs = tabs;
    this.changed();
  }

  get selected() {
    return this.getAttribute("selected") ?? this.tabs[0]?.id ?? "";
  }

  set selected(id) {
    this.setAttribute("selected", id);
  }

  #panels() {
    return /** @type {HTMLElement[]} */ ([...this.children].filter((child) => child instanceof HTMLElement && child.dataset.tab !== undefined));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const ids = this.tabs.map(({ id }) => id);
    const isRtl = getComputedStyle(this).direction === "rtl";
    const at = ids.indexOf(this.selected);
    const steps = { ArrowRight: at + (isRtl ? -1 : 1), ArrowLeft: at + (isRtl ? 1 : -1), Home: 0, End: ids.length - 1 };
    const to = Reflect.get(steps, event.key);
    if (to === undefined) return;
    event.preventDefault();
    this.#choose(ids[(to + ids.length) % ids.length]);
    this.render();
    /** @type {HTMLElement|null} */ (this.#list.querySelector("[aria-selected=true]"))?.focus();
  }

  /** @param {string} id */
  #choose(id) {
    if (id === this.selected) return;
    this.selected = id;
    this.emit("change", id);
  }

  render() {
    const { selected } = this;
    this.#list.setAttribute("aria-label", this.getAttribute("label") ?? "Tabs");
    const hadFocus = this.root.activeElement !== null;
    fill(this.#list, this.tabs.map((tab) => h("button", {
      type: "button", class: "tab", role: "tab", id: `tab-${tab.id}`, tabIndex: tab.id === selected ? 0 : -1, "aria-selected": String(tab.id === selected),
      onclick: () => this.#choose(tab.id),
    }, tab.icon && icon(tab.icon, 16), tab.label, typeof tab.count === "number" && h("span", { class: "count" }, tab.count))));
    if (hadFocus) /** @type {HTMLElement|null} */ (this.#list.querySelector("[aria-selected=true]"))?.focus();
    for (const panel of this.#panels()) {
      panel.hidden = panel.dataset.tab !== selected;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-label", this.tabs.find(({ id }) => id === panel.dataset.tab)?.label ?? "");
    }
  }
}

define("st-tabs", StTabs);
