/**
 * /desk/search?q=…&time=…: over everything that was said, in all conversations.
 */

import { StElement, css, define, fill, h, later } from "/design/index.js";
import { get } from "../api.js";
import { ago, fullTime } from "../lib/time.js";
import { customerName, stateWords } from "../lib/words.js";
import { go } from "../routes.js";
import { session } from "../session.js";

/** @import { Route } from "../routes.js" */

const styles = css`
:host { display: grid; grid-template-rows: auto auto minmax(0, 1fr); grid-template-columns: minmax(0, 1fr); block-size: 100%; background: var(--st-surface); }
header { display: grid; gap: 12px; padding: 18px 22px 12px; border-block-end: 1px solid var(--st-line); }
.line { display: flex; gap: 10px; align-items: end; max-inline-size: 860px; }
.line st-field:first-child { flex: 1; }
.said { padding: 7px 22px; color: var(--st-quiet); font-size: var(--st-text-s); border-block-end: 1px solid var(--st-line); min-block-size: 34px; }
.body { display: grid; grid-template-rows: minmax(0, 1fr); min-block-size: 0; }
@media (max-width: 760px) { header { padding: 12px; } .said { padding-inline: 12px; } }
`;

const hitStyles = css`
a.hit { display: grid; grid-template-columns: 34px minmax(0, 1fr); gap: 1px 12px; padding: 11px 22px; color: inherit; text-decoration: none; border-block-end: 1px solid var(--st-line); }
a.hit:hover { background: var(--st-hover); }
a.hit:focus-visible { outline-offset: -2px; border-radius: 0; }
a.hit st-avatar { grid-row: span 2; margin-block-start: 2px; }
.line { display: flex; gap: 8px; align-items: center; min-inline-size: 0; }
.line b { font-weight: 620; }
.line .time { margin-inline-start: auto; color: var(--st-quiet); font-size: var(--st-text-xs); white-space: nowrap; }
.snippet { color: var(--st-quiet); overflow-wrap: anywhere; max-inline-size: 900px; }
.snippet mark { background: var(--st-warn-soft); color: var(--st-text); font-weight: 640; border-radius: 3px; padding: 0 2px; }
@media (max-width: 760px) { a.hit { padding-inline: 12px; } }
`;

const TIMES = [{ value: "", label: "Any time" }, { value: "1", label: "Last day" }, { value: "7", label: "Last week" }, { value: "30", label: "Last month" }, { value: "365", label: "Last year" }];
const DAY_MS = 86_400_000;
const MOST = 200;

export default class SearchView extends StElement {
  static styles = [styles];

  /** @type {Route|undefined} */
  #route;
  #hits = /** @type {any[]} */ ([]);
  #status = /** @type {"idle"|"busy"|"done"|"error"} */ ("idle");
  #problem = "";
  #words = "?";
  #looking = new AbortController();
  #field = h("st-field", { label: "Search in all conversations", type: "search", icon: "search", placeholder: "Words, \"exact words\", an order number", autocomplete: "off", spellcheck: "false" });
  #time = h("st-field", { label: "When", type: "select" });
  #said = h("div", { class: "said", role: "status" });
  #body = h("div", { class: "body" });
  #list = h("st-list", { label: "What was found", estimate: "72", roving: true });
  #type = later(() => this.#choose(), 200);

  constructor() {
    super();
    this.#time.options = TIMES;
    this.#list.sheets = [hitStyles];
    this.#list.keyOf = (/** @type {any} */ hit) => `${hit.conversation}/${hit.seq}`;
    this.#list.rowOf = (/** @type {any} */ hit) => hitRow(hit);
    this.root.append(h("header", null, h("h1", null, "Search"), h("div", { class: "line", role: "search" }, this.#field, this.#time)), this.#said, this.#body);
    this.#field.addEventListener("input", () => this.#type());
    this.#field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "ArrowDown" && this.#hits.length > 0) {
        event.preventDefault();
        this.#list.focusRow(this.#list.keyOf(this.#hits[0]));
      }
    });
    this.#time.addEventListener("change", () => this.#choose());
  }

  /** @param {Route|undefined} route */
  set route(route) {
    this.#route = route;
    if (this.isConnected) this.#follow();
  }

  get route() {
    return this.#route;
  }

  connected() {
    this.#follow();
    queueMicrotask(() => this.#field.focus());
  }

  #choose() {
    const query = new URLSearchParams();
    if (this.#field.value.trim()) query.set("q", this.#field.value.trim());
    if (this.#time.value) query.set("time", this.#time.value);
    const text = query.toString();
    go(`/desk/search${text && `?${text}`}`, { replace: true });
  }

  #follow() {
    const query = this.#route?.query ?? new URLSearchParams();
    const words = `${query.get("q") ?? ""}|${query.get("time") ?? ""}`;
    if (words === this.#words) return;
    this.#words = words;
    if (this.#field.value.trim() !== (query.get("q") ?? "")) this.#field.value = query.get("q") ?? "";
    if (this.#time.value !== (query.get("time") ?? "")) this.#time.value = query.get("time") ?? "";
    void this.#look(query.get("q") ?? "", Number(query.get("time") ?? ""));
  }

  /** @param {string} q @param {number} days */
  async #look(q, days) {
    this.#looking.abort();
    this.#looking = new AbortController();
    const { signal } = this.#looking;
    if (q.trim() === "") {
      this.#status = "idle";
      this.#hits = [];
      this.changed();
      return;
    }
    this.#status = "busy";
    this.changed();
    try {
      const from = days > 0 ? Date.now() - days * DAY_MS : null;
      const { hits } = await get("/v1/desk/search", { q, limit: MOST, from_ms: from }, { signal });
      if (signal.aborted) return;
      this.#hits = hits;
      this.#status = "done";
    } catch (problem) {
      if (signal.aborted) return;
      this.#status = "error";
      this.#problem = /** @type {Error} */ (problem).message;
    }
    this.changed();
  }

  render() {
    const count = this.#hits.length;
    this.#said.textContent = this.#status === "busy" ? "Searching…" : this.#status === "done" ? (count >= MOST ? `The ${MOST} best` : `${count} found`) : "";
    if (this.#status === "error") fill(this.#body, h("st-empty", { kind: "error", heading: "The search failed", text: this.#problem }));
    else if (this.#status === "idle") fill(this.#body, h("st-empty", { icon: "search", heading: "What was said, anywhere", text: "Messages of customers, of Steward and of your team. The last word may be unfinished." }));
    else if (count > 0) {
      if (this.#list.parentNode !== this.#body) fill(this.#body, this.#list);
      this.#list.items = this.#hits;
    } else if (this.#status === "done") fill(this.#body, h("st-empty", { icon: "search", heading: "Nothing was found", text: "Try fewer or other words, or any time." }));
  }
}

/** @param {any} hit */
function hitRow(hit) {
  const name = customerName(hit);
  const who = hit.from === "customer" ? name : hit.from === "steward" ? "Steward" : "Team";
  const { word, tone } = stateWords(hit.state, null, session.name);
  const parts = String(hit.snippet).split(/[«»]/);
  return h("a", { class: "hit", href: `/desk/c/${encodeURIComponent(hit.conversation)}?state=all&sort=newest&seq=${hit.seq}` },
    h("st-avatar", { name: hit.from === "customer" ? hit.owner_name ?? "" : who, kind: hit.from, size: 34 }),
    h("div", { class: "line" }, h("b", { class: "cut" }, who), who !== name && h("span", { class: "quiet small cut" }, `to ${name}`), h("st-badge", { tone }, word), h("span", { class: "time", title: fullTime(hit.at_ms) }, ago(hit.at_ms))),
    h("div", { class: "snippet", dir: "auto" }, parts.map((part, index) => (index % 2 === 1 ? h("mark", null, part) : part))));
}

define("desk-search", SearchView);
