/**
 * The list of conversations that the inbox shows: read in pages by the server's filter and order, kept current by its events.
 *
 * While `isHeld` - a pointer or the focus is in the list - rows stay where they are and new ones wait; `settle()` puts them in order.
 * Fires `change`, and `new` for a conversation that came to wait for a person.
 */

import { get } from "../api.js";
import { live } from "./live.js";

/** @typedef {{state: string, assignee: string, tag: string, intent: string, min_escalation: string, q: string, sort: string}} Filter */
/** @typedef {any} Entry */

/** @type {Filter} */
export const ALL = { state: "open", assignee: "", tag: "", intent: "", min_escalation: "", q: "", sort: "urgency" };
const PAGE = 60;

export class Inbox extends EventTarget {
  /** @type {Filter} */
  filter = { ...ALL };
  /** @type {Entry[]} */
  entries = [];
  /** @type {"loading"|"ready"|"error"} */
  status = "loading";
  problem = "";
  isHeld = false;
  /** Entries that came while the list was held. */
  waiting = 0;
  /** The server has answered what the filter asks. */
  isAnswered = false;
  /** @type {Map<string, Entry>} every conversation that was seen since the inbox was opened */
  #known = new Map();

  /** @type {string|null} */
  #next = null;
  #me;
  #reading = new AbortController();
  /** @type {Promise<void>|null} */
  #more = null;
  /** @type {Map<string, Entry>} */
  #new = new Map();

  /** @param {string} me */
  constructor(me) {
    super();
    this.#me = me;
  }

  /** @param {AbortSignal} signal */
  start(signal) {
    live.on("conversation", (entry) => this.#changed(entry), signal);
    live.on("removed", ({ conversation }) => this.#remove(conversation), signal);
    live.on("presence", ({ conversation, viewers }) => this.#patch(conversation, { viewers }), signal);
    live.on("missed", () => void this.read(), signal);
    live.on("changed", ({ what }) => what === "conversations" && void this.read(), signal);
    // Waiting makes urgent: now and then the order is asked for again.
    const timer = window.setInterval(() => document.visibilityState === "visible" && !this.isHeld && void this.read(), 60_000);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** @param {Filter} filter */
  choose(filter) {
    this.filter = filter;
    this.#new.clear();
    this.waiting = 0;
    // What is known here and fits is shown at once; the server's answer, which may know of more, takes its place.
    this.entries = [...this.#known.values()].filter((entry) => this.#fits(entry)).sort(orderOf(filter.sort)).slice(0, PAGE);
    this.#next = null;
    this.isAnswered = false;
    this.status = this.entries.length > 0 ? "ready" : "loading";
    this.#tell();
    return this.read();
  }

  async read() {
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    try {
      // As many as are shown already, so that the reader's place stays.
      const page = await get("/v1/desk/conversations", { ...this.filter, limit: Math.min(500, Math.max(PAGE, this.entries.length)) }, { signal });
      if (signal.aborted) return;
      this.entries = page.conversations;
      this.#next = page.next ?? null;
      this.#new.clear();
      this.waiting = 0;
      this.status = "ready";
      this.isAnswered = true;
      this.#know(page.conversations);
      if (page.counts) live.count(page.counts);
    } catch (problem) {
      if (signal.aborted) return;
      this.status = this.entries.length > 0 ? "ready" : "error";
      this.problem = problem instanceof Error ? problem.message : String(problem);
    }
    this.#tell();
  }

  /** The next page, where there is one. */
  more() {
    if (this.#next === null || this.status !== "ready") return Promise.resolve();
    this.#more ??= this.#readMore().finally(() => (this.#more = null));
    return this.#more;
  }

  async #readMore() {
    const { signal } = this.#reading;
    const page = await get("/v1/desk/conversations", { ...this.filter, limit: 200, after: this.#next }, { signal }).catch(() => null);
    if (signal.aborted || page === null) return;
    const known = new Set(this.entries.map(({ conversation }) => conversation));
    this.entries = [...this.entries, ...page.conversations.filter((/** @type {Entry} */ entry) => !known.has(entry.conversation))];
    this.#next = page.next ?? null;
    this.#know(page.conversations);
    this.#tell();
  }

  /** @param {Entry[]} entries */
  #know(entries) {
    for (const entry of entries) this.#known.set(entry.conversation, entry);
  }

  /** Puts everything in its place. */
  settle() {
    for (const entry of this.#new.values()) {
      this.entries = [entry, ...this.entries.filter(({ conversation }) => conversation !== entry.conversation)];
    }
    this.#new.clear();
    this.waiting = 0;
    this.entries = this.entries.filter((entry) => this.#fits(entry)).sort(orderOf(this.filter.sort));
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Entry} entry */
  #changed(entry) {
    this.#known.set(entry.conversation, { ...this.#known.get(entry.conversation), ...entry });
    const at = this.entries.findIndex(({ conversation }) => conversation === entry.conversation);
    const before = at < 0 ? this.#new.get(entry.conversation) : this.entries[at];
    if (entry.state === "queued" && before?.state !== "queued") this.dispatchEvent(new CustomEvent("new", { detail: entry }));
    this.#recount();
    if (at >= 0) {
      // Who looks at it comes with events of its own.
      const merged = { ...this.entries[at], ...entry, viewers: entry.viewers ?? this.entries[at].viewers };
      this.entries = this.entries.with(at, merged);
      if (this.isHeld) this.#tell();
      else this.settle();
      return;
    }
    if (!this.#fits(entry)) {
      this.#new.delete(entry.conversation);
      this.waiting = this.#new.size;
      this.#tell();
      return;
    }
    // Far down in a list of which only the beginning is here.
    const last = this.entries.at(-1);
    if (this.#next !== null && last !== undefined && orderOf(this.filter.sort)(entry, last) > 0) return;
    this.#new.set(entry.conversation, entry);
    this.waiting = this.#new.size;
    if (this.isHeld) this.#tell();
    else this.settle();
  }

  /** @param {string} conversation @param {object} changes */
  #patch(conversation, changes) {
    const at = this.entries.findIndex((entry) => entry.conversation === conversation);
    if (at < 0) return;
    this.entries = this.entries.with(at, { ...this.entries[at], ...changes });
    this.#tell();
  }

  /** @param {string} conversation */
  #remove(conversation) {
    this.entries = this.entries.filter((entry) => entry.conversation !== conversation);
    this.#new.delete(conversation);
    this.#known.delete(conversation);
    this.#recount();
    this.#tell();
  }

  #countTimer = 0;

  #recount() {
    if (this.#countTimer !== 0) return;
    this.#countTimer = window.setTimeout(async () => {
      this.#countTimer = 0;
      const page = await get("/v1/desk/conversations", { state: "queued", limit: 1 }).catch(() => null);
      if (page?.counts) live.count(page.counts);
    }, 700);
  }

  /** Whether an entry is of this list, by the server's rule. @param {Entry} entry */
  #fits(entry) {
    const { state, assignee, tag, intent, min_escalation: least, q } = this.filter;
    const isSnoozed = entry.snoozed_until_ms !== null && entry.snoozed_until_ms > Date.now();
    const isOpen = entry.state === "queued" || entry.state === "agent" || (entry.state === "bot" && entry.customer_waits);
    if (state === "snoozed" ? !isSnoozed : state !== "all" && isSnoozed) return false;
    if (state === "open" ? !isOpen : state !== "all" && state !== "snoozed" && entry.state !== state) return false;
    const who = entry.assignee ?? entry.assigned_to;
    if (assignee === "none" ? who : assignee !== "" && ![entry.assignee, entry.assigned_to].includes(assignee === "me" ? this.#me : assignee)) return false;
    if (tag !== "" && !entry.tags.includes(tag)) return false;
    if (intent !== "" && entry.intent !== intent) return false;
    if (least !== "" && (entry.escalation ?? 0) < Number(least)) return false;
    const words = q.trim().toLocaleLowerCase();
    return words === "" || `${entry.owner_name ?? ""} ${entry.owner} ${entry.preview} ${entry.tags.join(" ")}`.toLocaleLowerCase().includes(words);
  }
}

/** @param {string} sort @returns {(one: Entry, other: Entry) => number} */
function orderOf(sort) {
  const since = (/** @type {Entry} */ entry) => entry.waiting_since_ms ?? Number.MAX_SAFE_INTEGER;
  switch (sort) {
    case "waiting": return (one, other) => since(one) - since(other) || other.last_ms - one.last_ms;
    case "newest": return (one, other) => other.last_ms - one.last_ms;
    case "oldest": return (one, other) => one.last_ms - other.last_ms;
    default: return (one, other) => (other.urgency ?? 0) - (one.urgency ?? 0) || other.last_ms - one.last_ms;
  }
}
