/**
 * /desk/settings/…: the sections, and the one that the address names. What only admins may see is not offered to agents; who comes there by its
 * address is told whom to ask.
 */

import { StElement, css, define, fill, h, icon } from "/design/index.js";
import { nothing } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { mayLeave } from "../page/unsaved.js";
import { go } from "../routes.js";
import { session } from "../session.js";

/** @typedef {import("../routes.js").Route} Route */

const styles = css`
:host { display: grid; grid-template-columns: 218px minmax(0, 1fr); block-size: 100%; background: var(--st-bg); overflow: hidden; }
nav { padding: 20px 10px; border-inline-end: 1px solid var(--st-line); overflow: auto; background: var(--st-surface); }
nav h2 { padding: 4px 10px 8px; font-size: var(--st-text-l); }
nav h3 { padding: 14px 10px 4px; color: var(--st-quiet); font-size: var(--st-text-xs); font-weight: 650; }
a.section { display: flex; align-items: center; gap: 10px; min-block-size: 36px; padding: 4px 10px; border-radius: var(--st-radius); color: var(--st-text); text-decoration: none; font-weight: 540; }
a.section svg { color: var(--st-quiet); }
a.section:hover { background: var(--st-hover); }
a.section[aria-current] { background: var(--st-selected); color: var(--st-accent-text); }
a.section[aria-current] svg { color: inherit; }
.at { min-inline-size: 0; min-block-size: 0; overflow: hidden; }
.at > * { block-size: 100%; }
.choose { display: none; }
@media (max-width: 900px) {
  :host { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto minmax(0, 1fr); }
  nav { display: none; }
  .choose { display: block; padding: 10px 14px; border-block-end: 1px solid var(--st-line); background: var(--st-surface); }
}
`;

/** @typedef {{ id: string, word: string, icon: string, admin: boolean, group: string, load: () => Promise<any> }} Section */

/** @type {Section[]} */
export const SECTIONS = [
  { id: "general", word: "General", icon: "gear", admin: true, group: "Steward", load: () => import("../settings/general.js") },
  { id: "intents", word: "Intents", icon: "filter", admin: false, group: "Steward", load: () => import("../settings/intents.js") },
  { id: "appearance", word: "Appearance", icon: "eye", admin: true, group: "Steward", load: () => import("../settings/appearance.js") },
  { id: "canned", word: "Canned replies", icon: "quote", admin: false, group: "Team", load: () => import("../settings/canned.js") },
  { id: "members", word: "Members", icon: "team", admin: true, group: "Team", load: () => import("../settings/members.js") },
  { id: "keys", word: "API keys", icon: "key", admin: true, group: "Access", load: () => import("../settings/keys.js") },
  { id: "webhooks", word: "Webhooks", icon: "link", admin: true, group: "Access", load: () => import("../settings/webhooks.js") },
  { id: "audit", word: "Audit log", icon: "file", admin: true, group: "Access", load: () => import("../settings/audit.js") },
];

export default class SettingsView extends StElement {
  static styles = [page, styles];

  /** @type {Route | undefined} */
  #route;
  #at = "";
  #nav = h("nav", { "aria-label": "Settings" });
  #choose = h("st-field", { type: "select", label: "Settings", "hide-label": true, onchange: () => this.#follow(this.#choose.value) });
  #place = h("div", { class: "at" });

  constructor() {
    super();
    this.root.append(this.#nav, h("div", { class: "choose" }, this.#choose), this.#place);
  }

  get route() {
    return this.#route;
  }

  set route(route) {
    this.#route = route;
    const child = this.#place.firstElementChild;
    if (child !== null && this.#section === this.#at) Reflect.set(child, "route", route);
    this.changed();
  }

  get #section() {
    return this.#route?.params.section ?? "";
  }

  get #allowed() {
    return SECTIONS.filter(({ admin }) => !admin || session.isAdmin);
  }

  /** Leaving asks where something is not saved. */
  leave() {
    return mayLeave();
  }

  render() {
    const sections = this.#allowed;
    if (this.#section === "") return go(`/desk/settings/${sections[0].id}`, { replace: true });
    const groups = [...new Set(sections.map(({ group }) => group))];
    fill(this.#nav, h("h2", null, "Settings"), groups.map((group) => [h("h3", null, group), sections.filter((section) => section.group === group).map((section) => this.#link(section))]));
    this.#choose.options = sections.map(({ id, word }) => ({ value: id, label: word }));
    this.#choose.value = this.#section;
    void this.#show();
  }

  /** @param {Section} section */
  #link({ id, word, icon: name }) {
    const follow = (/** @type {MouseEvent} */ event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      void this.#follow(id);
    };
    return h("a", { class: "section", href: `/desk/settings/${id}`, "aria-current": id === this.#section ? "page" : null, onclick: follow }, icon(name, 17), word);
  }

  /**
   * From one section to another, which is no other page for the desk.
   * @param {string} id
   */
  async #follow(id) {
    if (id !== this.#section && (await mayLeave())) go(`/desk/settings/${id}`);
    this.#choose.value = this.#section;
  }

  async #show() {
    const id = this.#section;
    if (id === this.#at) return;
    this.#at = id;
    const section = SECTIONS.find((each) => each.id === id);
    if (section === undefined) return fill(this.#place, nothing("search", "There is no such page of settings"));
    this.emit("heading", section.word);
    if (section.admin && !session.isAdmin) {
      return fill(this.#place, nothing("key", `${section.word} is for admins`, "Ask somebody with the role admin to change this, or to make you one: in Settings, Members."));
    }
    const { default: Page } = await section.load();
    if (this.#at !== id) return;
    const view = new Page();
    view.route = this.#route;
    fill(this.#place, view);
  }
}

define("desk-settings", SettingsView);
