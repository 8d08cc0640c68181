/**
 * /desk/mentions: private notes and whispers in which somebody of the team names the reader.
 */

import { StElement, css, define, fill, h, toast } from "/design/index.js";
import { get, post } from "../api.js";
import { live } from "../lib/live.js";
import { ago, fullTime } from "../lib/time.js";
import { go } from "../routes.js";

/** @import { Route } from "../routes.js" */

const styles = css`
:host { display: grid; grid-template-rows: auto minmax(0, 1fr); grid-template-columns: minmax(0, 1fr); block-size: 100%; background: var(--st-surface); }
header { display: grid; gap: 8px; padding: 18px 22px 0; }
.top { display: flex; align-items: center; gap: 10px; }
.top h1 { flex: 1; }
ul { overflow-y: auto; padding: 8px 14px 20px; }
a { position: relative; display: grid; grid-template-columns: 34px minmax(0, 1fr); gap: 2px 12px; max-inline-size: 860px; padding: 11px 14px; border-radius: var(--st-radius); color: inherit; text-decoration: none; }
a:hover { background: var(--st-hover); }
a st-avatar { grid-row: span 2; }
a.unread::before { content: ""; position: absolute; inset-block-start: 24px; inset-inline-start: 2px; inline-size: 7px; block-size: 7px; border-radius: 50%; background: var(--st-accent); }
.line { display: flex; gap: 8px; align-items: center; }
.line b { font-weight: 640; }
.line .time { margin-inline-start: auto; color: var(--st-quiet); font-size: var(--st-text-xs); }
p { overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
.unread p { font-weight: 560; }
@media (max-width: 760px) { header { padding: 12px 12px 0; } ul { padding-inline: 4px; } }
`;

export default class MentionsView extends StElement {
  static styles = [styles];

  /** @type {Route|undefined} */
  #route;
  /** @type {any[]|null} */
  #mentions = null;
  #problem = "";

  /** @param {Route|undefined} route */
  set route(route) {
    this.#route = route;
    this.changed();
  }

  get route() {
    return this.#route;
  }

  connected() {
    live.on("mention", () => void this.#read(), this.signal);
    live.on("missed", () => void this.#read(), this.signal);
    void this.#read();
  }

  async #read() {
    try {
      this.#mentions = (await get("/v1/desk/mentions")).mentions;
      this.#problem = "";
      live.count({ mentions: this.#mentions?.filter(({ read }) => !read).length ?? 0 });
    } catch (problem) {
      this.#problem = /** @type {Error} */ (problem).message;
    }
    this.changed();
  }

  async #readAll() {
    try {
      await post("/v1/desk/mentions/read", {});
      await this.#read();
    } catch (problem) {
      toast(/** @type {Error} */ (problem).message, { kind: "bad" });
    }
  }

  render() {
    const isAll = this.#route?.query.get("show") === "all";
    const unread = this.#mentions?.filter(({ read }) => !read) ?? [];
    const shown = isAll ? this.#mentions ?? [] : unread;
    const tabs = h("st-tabs", { label: "Which mentions", selected: isAll ? "all" : "unread", tabs: [{ id: "unread", label: "Unread", count: unread.length }, { id: "all", label: "All" }] });
    tabs.addEventListener("change", (/** @type {CustomEvent} */ event) => go(event.detail === "all" ? "/desk/mentions?show=all" : "/desk/mentions"));
    const hadFocus = this.root.activeElement?.localName === "st-tabs";
    fill(this.root, h("header", null, h("div", { class: "top" }, h("h1", null, "Mentions"), unread.length > 0 && h("st-button", { size: "s", icon: "check", onclick: () => void this.#readAll() }, "All are read")), tabs), this.#body(shown, isAll));
    if (hadFocus) queueMicrotask(() => /** @type {HTMLElement|null} */ (tabs.shadowRoot.querySelector("[aria-selected=true]"))?.focus());
  }

  /** @param {any[]} shown @param {boolean} isAll */
  #body(shown, isAll) {
    if (this.#problem && this.#mentions === null) return h("st-empty", { kind: "error", heading: "Mentions cannot be read", text: this.#problem }, h("st-button", { icon: "refresh", onclick: () => void this.#read() }, "Try again"));
    if (this.#mentions === null) return h("st-empty", { kind: "loading" });
    if (shown.length === 0) return h("st-empty", { icon: "at", heading: isAll ? "Nobody has mentioned you yet" : "Nothing unread", text: "Colleagues mention you with @ in a private note, or whisper to you." });
    return h("ul", null, shown.map((note) => h("li", null, h("a", { class: note.read ? "" : "unread", href: `/desk/c/${encodeURIComponent(note.conversation)}?state=all&sort=newest&seq=${note.after_seq}` },
      h("st-avatar", { name: note.author, kind: "agent", size: 34 }),
      h("div", { class: "line" }, h("b", null, note.author), note.whisper_to ? h("st-badge", { tone: "note", icon: "whisper" }, "whisper") : h("st-badge", { tone: "note" }, "note"), !note.read && h("span", { class: "sr" }, "unread"), h("span", { class: "time", title: fullTime(note.at_ms) }, ago(note.at_ms))),
      h("p", { dir: "auto" }, note.text)))));
  }
}

define("desk-mentions", MentionsView);
