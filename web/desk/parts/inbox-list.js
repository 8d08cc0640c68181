/**
 * <inbox-list>: the queue, its filters, and the search in it. `inbox` (an `Inbox`), `current` (the conversation that is open).
 * The filter is in the address, so that every list can be linked to. Fires nothing: rows are links.
 */

import { StElement, css, define, fill, h, icon, later } from "/design/index.js";
import { get } from "../api.js";
import { ALL } from "../lib/inbox.js";
import { live } from "../lib/live.js";
import { intentWords } from "../lib/words.js";
import { go } from "../routes.js";
import { session } from "../session.js";
import { entryRow, rowStyles } from "./inbox-row.js";

/** @import { Filter, Inbox } from "../lib/inbox.js" */

const styles = css`
:host { display: grid; grid-template-rows: auto auto minmax(0, 1fr); min-block-size: 0; background: var(--st-surface); border-inline-end: 1px solid var(--st-line); }
header { display: grid; gap: 10px; padding: 14px 14px 10px; }
.title { display: flex; align-items: center; gap: 8px; min-block-size: var(--st-height-s); }
.title h1 { flex: 1; }
.chips { display: flex; flex-wrap: wrap; gap: 5px; }
.chip[aria-pressed="true"] svg { color: inherit; }
.chip { display: inline-flex; align-items: center; gap: 5px; min-block-size: 28px; padding: 0 9px; border: 1px solid var(--st-line); border-radius: 14px; font-size: var(--st-text-s); font-weight: 560; color: var(--st-quiet); white-space: nowrap; }
.chip:hover { background: var(--st-hover); color: var(--st-text); }
.chip[aria-pressed="true"] { background: var(--st-accent-soft); border-color: transparent; color: var(--st-accent-text); }
.chip .n { font-variant-numeric: tabular-nums; }
@media (pointer: coarse) { .chip { min-block-size: 36px; border-radius: 18px; } }
.body { position: relative; display: grid; grid-template-rows: minmax(0, 1fr); min-block-size: 0; border-block-start: 1px solid var(--st-line); }
.new { position: absolute; z-index: 1; inset-block-start: 8px; inset-inline: 0; margin-inline: auto; inline-size: max-content; padding: 5px 13px; border-radius: 15px; background: var(--st-accent); color: var(--st-on-accent); font-size: var(--st-text-s); font-weight: 600; box-shadow: var(--st-shadow-l); display: flex; gap: 5px; align-items: center; }
.lost { display: flex; gap: 7px; align-items: center; padding: 7px 14px; background: var(--st-warn-soft); color: var(--st-warn-text); font-size: var(--st-text-s); }
.more { display: flex; flex-wrap: wrap; gap: 5px; align-items: center; }
`;

/** The lists that people look at most; each is a filter. */
const VIEWS = [
  { id: "open", label: "Open", filter: {} },
  { id: "mine", label: "Mine", count: "mine", filter: { assignee: "me" } },
  { id: "queued", label: "In line", count: "queued", filter: { state: "queued" } },
  { id: "bot", label: "Steward", count: "bot", filter: { state: "bot" } },
  { id: "risk", label: "At risk", filter: { min_escalation: "0.6" } },
  { id: "snoozed", label: "Snoozed", count: "snoozed", filter: { state: "snoozed" } },
  { id: "closed", label: "Closed", filter: { state: "closed", sort: "newest" } },
  { id: "all", label: "All", filter: { state: "all", sort: "newest" } },
];

/** So many of them are in sight, the others in a menu. */
const AT_HAND = 3;

const SORTS = [["urgency", "Most urgent"], ["waiting", "Waits longest"], ["newest", "Newest"], ["oldest", "Oldest"]];

export class InboxList extends StElement {
  static styles = [styles];

  /** @type {Inbox|null} */
  inbox = null;
  #current = "";
  #tags = /** @type {{name: string, count: number}[]} */ ([]);
  #intents = /** @type {string[]} */ ([]);
  #list = h("st-list", { label: "Conversations", estimate: "83", roving: true, "aria-busy": "true" });
  #search = h("st-field", { label: "Search in this list", "hide-label": true, placeholder: "Name, words, tag", type: "search", icon: "search", autocomplete: "off" });
  #chips = h("div", { class: "chips", role: "group", "aria-label": "Which conversations" });
  #more = h("div", { class: "more" });
  #tools = h("div", { class: "title" });
  #lost = h("div", { role: "status" });
  #body = h("div", { class: "body" });
  #said = h("div", { class: "sr", role: "status" });
  #type = later(() => this.#choose({ q: this.#search.value.trim() }), 180);

  constructor() {
    super();
    this.#list.sheets = [rowStyles];
    this.#list.keyOf = (/** @type {any} */ entry) => entry.conversation;
    this.#list.rowOf = (/** @type {any} */ entry, /** @type {number} */ _index, /** @type {HTMLElement|null} */ old) =>
      entryRow(entry, old, { href: this.#href(entry.conversation), isHere: entry.conversation === this.#current, me: session.name });
    this.#search.addEventListener("input", () => this.#type());
    this.root.append(h("header", null, this.#tools, this.#search, this.#chips, this.#more), this.#lost, this.#body, this.#said);
  }

  connected() {
    const { signal } = this;
    const { inbox } = this;
    inbox?.addEventListener("change", () => this.changed(), { signal });
    live.on("counts", () => this.changed(), signal);
    live.on("state", () => this.changed(), signal);
    this.#list.addEventListener("edge", (/** @type {CustomEvent} */ event) => event.detail === "end" && void inbox?.more(), { signal });
    const hold = (/** @type {boolean} */ isHeld) => {
      if (!inbox || inbox.isHeld === isHeld) return;
      inbox.isHeld = isHeld;
      if (!isHeld) inbox.settle();
    };
    this.#list.addEventListener("pointerenter", (/** @type {PointerEvent} */ event) => event.pointerType === "mouse" && hold(true), { signal });
    this.#list.addEventListener("pointerleave", () => hold(false), { signal });
    // Waiting grows by itself.
    const timer = window.setInterval(() => this.#list.refresh(), 20_000);
    signal.addEventListener("abort", () => clearInterval(timer));
    void get("/v1/desk/tags").then(({ tags }) => { this.#tags = tags; this.changed(); }, () => {});
    live.on("changed", ({ what }) => what === "tags" && void get("/v1/desk/tags").then(({ tags }) => { this.#tags = tags; this.changed(); }, () => {}), signal);
  }

  /** @param {string} id */
  set current(id) {
    this.#current = id;
    this.#list.refresh();
    if (id) this.#list.show(id);
  }

  /** The conversation after or before the one that is open. @param {number} by @returns {string|null} its address */
  neighbour(by) {
    const entries = this.inbox?.entries ?? [];
    const at = entries.findIndex(({ conversation }) => conversation === this.#current);
    const entry = entries[at < 0 ? (by > 0 ? 0 : entries.length - 1) : at + by];
    return entry === undefined ? null : this.#href(entry.conversation);
  }

  focusList() {
    const key = this.#current || this.inbox?.entries[0]?.conversation;
    if (key) this.#list.focusRow(key);
  }

  /** @param {number} by */
  move(by) {
    this.#list.move(by);
  }

  /** @param {string} conversation */
  #href(conversation) {
    return `/desk/c/${encodeURIComponent(conversation)}${queryOf(this.inbox?.filter ?? ALL)}`;
  }

  /** @param {Partial<Filter>} changes */
  #choose(changes) {
    const filter = { ...(this.inbox?.filter ?? ALL), ...changes };
    const base = this.#current ? `/desk/c/${encodeURIComponent(this.#current)}` : "/desk";
    go(base + queryOf(filter), { replace: true });
  }

  render() {
    const { inbox } = this;
    if (!inbox) return;
    const { filter } = inbox;
    this.#tool(filter);
    if (this.#search.value.trim() !== filter.q && this.root.activeElement !== this.#search) this.#search.value = filter.q;
    const view = viewOf(filter);
    const focused = /** @type {HTMLElement|null} */ (this.root.activeElement)?.dataset.id;
    fill(this.#chips, VIEWS.slice(0, AT_HAND).map(({ id, label, count, filter: changes }) => {
      const n = count ? Reflect.get(live.counts, count) : 0;
      return h("button", { class: "chip", type: "button", "data-id": id, "aria-pressed": String(view === id), onclick: () => this.#choose({ ...ALL, q: filter.q, ...changes }) },
        label, n > 0 && h("span", { class: "n" }, n));
    }), this.#others(view, filter));
    if (focused) /** @type {HTMLElement|null} */ (this.#chips.querySelector(`[data-id="${focused}"]`))?.focus();
    const chosen = [["tag", filter.tag, filter.tag], ["intent", filter.intent, intentWords(filter.intent)]].filter(([, value]) => value !== "");
    fill(this.#more, chosen.map(([key, , words]) => h("button", { class: "chip", type: "button", "aria-pressed": "true", "aria-label": `Without ${words}`, onclick: () => this.#choose({ [key]: "" }) }, words, icon("cross", 12))));
    this.#more.hidden = chosen.length === 0;
    fill(this.#lost, live.state === "lost" && h("div", { class: "lost" }, icon("wifi_off", 16), "The line is lost; trying again…"));
    this.#show(inbox);
  }

  /** The lists that are looked at less. @param {string} view @param {Filter} filter */
  #others(view, filter) {
    const rest = VIEWS.slice(AT_HAND);
    const here = rest.find(({ id }) => id === view);
    const menu = h("st-menu", { label: "More lists", align: "end", items: rest.map(({ id, label, count }) => ({ id, label, hint: count && Reflect.get(live.counts, count) > 0 ? String(Reflect.get(live.counts, count)) : undefined, checked: id === view })) },
      h("button", { slot: "trigger", class: "chip", type: "button", "data-id": "more", "aria-pressed": String(here !== undefined) }, here?.label ?? "More", icon("down", 13)));
    menu.addEventListener("choose", (/** @type {CustomEvent} */ event) => this.#choose({ ...ALL, q: filter.q, ...rest.find(({ id }) => id === event.detail)?.filter }));
    return menu;
  }

  /** @param {Filter} filter */
  #tool(filter) {
    const seen = new Set([...this.#intents, ...(this.inbox?.entries ?? []).map(({ intent }) => intent).filter(Boolean)]);
    this.#intents = [...seen].sort();
    if (this.#tools.childElementCount === 0) {
      const sort = h("st-menu", { label: "Order", align: "end" }, h("st-button", { slot: "trigger", size: "s", variant: "quiet", "icon-after": "down" }, ""));
      sort.addEventListener("choose", (/** @type {CustomEvent} */ event) => this.#choose({ sort: event.detail }));
      const more = h("st-menu", { label: "Filter", align: "end" }, h("st-button", { slot: "trigger", size: "s", variant: "quiet", icon: "filter", label: "Filter by tag or intent" }));
      more.addEventListener("choose", (/** @type {CustomEvent} */ event) => {
        const [key, value] = event.detail.split(/:(.*)/);
        this.#choose({ [key]: this.inbox?.filter[/** @type {"tag"|"intent"} */ (key)] === value ? "" : value });
      });
      fill(this.#tools, h("h1", null, "Inbox"), sort, more);
    }
    const [sort, more] = /** @type {any[]} */ ([...this.#tools.querySelectorAll("st-menu")]);
    sort.items = SORTS.map(([id, label]) => ({ id, label, checked: filter.sort === id }));
    sort.firstElementChild.textContent = SORTS.find(([id]) => id === filter.sort)?.[1] ?? "";
    const tags = this.#tags.map(({ name, count }) => ({ id: `tag:${name}`, label: name, hint: `${count}`, checked: filter.tag === name }));
    const intents = this.#intents.map((name) => ({ id: `intent:${name}`, label: intentWords(name), checked: filter.intent === name }));
    more.items = [...tags, ...(tags.length > 0 && intents.length > 0 ? ["-"] : []), ...intents];
    more.hidden = more.items.length === 0;
  }

  /** @param {Inbox} inbox */
  #show(inbox) {
    const isEmpty = inbox.entries.length === 0;
    if (!isEmpty) {
      if (this.#list.parentNode !== this.#body) fill(this.#body, this.#list);
      this.#list.items = inbox.entries;
      this.#body.querySelector(".new")?.remove();
      if (inbox.waiting > 0) this.#body.append(h("button", { class: "new", type: "button", onclick: () => { inbox.settle(); this.#list.scrollTop = 0; } }, icon("up", 14), `${inbox.waiting} new`));
    } else if (inbox.status === "error") {
      fill(this.#body, h("st-empty", { kind: "error", heading: "The list cannot be read", text: inbox.problem }, h("st-button", { icon: "refresh", onclick: () => void inbox.read() }, "Try again")));
    } else if (inbox.status === "loading") {
      // The list stays away for a moment only; a fast answer shows no wait at all.
      fill(this.#body, h("st-empty", { kind: "loading" }));
    } else {
      fill(this.#body, nothing(inbox.filter, () => this.#choose({ ...ALL })));
    }
    this.#list.setAttribute("aria-busy", String(inbox.status === "loading"));
    const words = inbox.status === "ready" ? `${inbox.entries.length} conversations shown` : "";
    if (this.#said.textContent !== words) this.#said.textContent = words;
  }
}

/** @param {Filter} filter @param {() => void} clear */
function nothing(filter, clear) {
  const view = viewOf(filter);
  if (view === "open" && filter.q === "" && filter.tag === "" && filter.intent === "") {
    return h("st-empty", { icon: "check", heading: "Nobody waits", text: "New conversations appear here by themselves, the most urgent first." });
  }
  if (view === "mine") return h("st-empty", { icon: "hand", heading: "You have no conversation", text: "Take one over from the line, or from Steward." });
  return h("st-empty", { icon: "search", heading: "No conversation fits", text: "Choose another list, or other words." }, h("st-button", { onclick: clear }, "Show all open"));
}

/** @param {Filter} filter which of the usual lists it is, if any */
export function viewOf(filter) {
  const plain = { ...filter, q: "", tag: "", intent: "", sort: "" };
  return VIEWS.find(({ filter: changes }) => Object.entries({ ...ALL, ...changes, q: "", tag: "", intent: "", sort: "" }).every(([key, value]) => Reflect.get(plain, key) === value))?.id ?? "";
}

/** @param {Filter} filter @returns {string} as the address holds it */
export function queryOf(filter) {
  const changed = Object.entries(filter).filter(([key, value]) => value !== Reflect.get(ALL, key));
  const text = new URLSearchParams(changed).toString();
  return text === "" ? "" : `?${text}`;
}

/** @param {URLSearchParams} query @returns {Filter} */
export function filterOf(query) {
  const keys = /** @type {(keyof Filter)[]} */ (Object.keys(ALL));
  return /** @type {Filter} */ (Object.fromEntries(keys.map((key) => [key, query.get(key) ?? ALL[key]])));
}

define("inbox-list", InboxList);
