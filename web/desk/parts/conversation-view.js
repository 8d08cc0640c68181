/**
 * <conversation-view>: one conversation: its head, mood, course, suggestions, composer, and the customer beside it.
 * `conversation`: its id, set before it is on the page. `seq`: a message to show first. Fires `go-next` when it was closed.
 */

import { StElement, css, define, fill, h, icon, isTyping, toast } from "/design/index.js";
import { ApiError, address, get, post } from "../api.js";
import { Conversation } from "../lib/conversation.js";
import { live } from "../lib/live.js";
import { preferences } from "../lib/preferences.js";
import { Suggestions, tellOutcome } from "../lib/suggestions.js";
import { customerName, faceOf } from "../lib/words.js";
import { go } from "../routes.js";
import { session } from "../session.js";
import * as acts from "./conversation-acts.js";
import "./conversation-head.js";
import { ComposerBox } from "./composer-box.js";
import { CustomerPane } from "./customer-pane.js";
import { holdingQuestion } from "./holding.js";
import { messageStyles, timelineRow } from "./message-row.js";
import "./mood-strip.js";
import { startPresence } from "./presence.js";
import { SuggestionsPanel } from "./suggestions-panel.js";

/** @import { Row } from "../lib/timeline.js" */
/** @import { Suggestion } from "../lib/suggestions.js" */

const styles = css`
:host { display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1fr) auto; min-block-size: 0; background: var(--st-surface); }
.course { display: grid; grid-template-rows: auto auto minmax(0, 1fr) auto auto auto; grid-template-columns: minmax(0, 1fr); min-block-size: 0; position: relative; }
st-list { padding-block-end: 10px; }
customer-pane { inline-size: 320px; }
:host(.no-pane) customer-pane { display: none; }
.status { min-block-size: 0; }
.line { display: flex; align-items: center; gap: 8px; padding: 4px 22px; font-size: var(--st-text-s); color: var(--st-quiet); }
.line.warn { background: var(--st-warn-soft); color: var(--st-warn-text); padding-block: 7px; }
.dots { display: inline-flex; gap: 3px; }
.dots i { inline-size: 5px; block-size: 5px; border-radius: 50%; background: currentColor; animation: beat 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
@keyframes beat { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }
.end { position: absolute; inset-inline: 0; margin-inline: auto; inline-size: max-content; translate: 0 -42px; display: flex; gap: 6px; align-items: center; padding: 6px 13px; border-radius: 16px; border: 1px solid var(--st-line); background: var(--st-surface); box-shadow: var(--st-shadow-l); font-size: var(--st-text-s); font-weight: 600; }
.anchor { position: relative; block-size: 0; }
@media (prefers-reduced-motion: reduce) { .dots i { animation: none; } }
@media (max-width: 1240px) {
  customer-pane { position: absolute; z-index: 3; inset-block: 0; inset-inline-end: 0; inline-size: min(340px, 90vw); box-shadow: var(--st-shadow-l); }
  :host { position: relative; }
  :host(:not(.with-pane)) customer-pane { display: none; }
}
`;

export class ConversationView extends StElement {
  static styles = [styles];

  /** @type {number|null} */
  seq = null;
  #id = "";
  /** @type {Conversation} */
  #conversation = new Conversation("");
  /** @type {Suggestions} */
  #suggestions = new Suggestions("");
  #head = h("conversation-head");
  #strip = h("mood-strip");
  #list = h("st-list", { label: "Messages", estimate: "66", follow: true, tabindex: "0" });
  #status = h("div", { class: "status", role: "status" });
  #panel = new SuggestionsPanel();
  #composer = new ComposerBox();
  #pane = new CustomerPane();
  #end = h("button", { class: "end", type: "button", hidden: true, onclick: () => this.#toEnd() }, icon("down", 14), "Newest");
  /** @type {Set<number>} messages whose judgement is shown in full */
  #opened = new Set();
  /** @type {Map<number, any>} */
  #details = new Map();
  #found = /** @type {number|null} */ (null);
  #isFirst = true;

  /** @param {string} id */
  set conversation(id) {
    this.#id = id;
  }

  connected() {
    const { signal } = this;
    const conversation = new Conversation(this.#id);
    this.#conversation = conversation;
    this.#suggestions = new Suggestions(conversation.path);
    Object.assign(this.#head, { conversation });
    this.#composer.conversation = conversation;
    this.#pane.conversation = conversation;
    this.#panel.suggestions = this.#suggestions;
    this.#list.sheets = [messageStyles];
    this.#list.keyOf = (/** @type {Row} */ row) => row.key;
    this.#list.rowOf = (/** @type {Row} */ row) => timelineRow(row, this.#reading(), this.#acts);
    this.#list.addEventListener("edge", (/** @type {CustomEvent} */ event) => event.detail === "start" && void conversation.older(), { signal });
    this.#list.addEventListener("scroll", () => this.#offerEnd(), { signal, passive: true });
    conversation.on("items", () => this.#shown(), signal);
    conversation.on("entry", () => this.#stands(), signal);
    conversation.on("marks", () => (this.#strip.marks = new Map(conversation.marks)), signal);
    conversation.on("typing", () => this.#says(), signal);
    conversation.on("line", () => this.#says(), signal);
    conversation.on("customer", () => this.#suggest(), signal);
    conversation.on("sent", (sent) => this.#sent(sent), signal);
    conversation.on("problem", (text) => toast(text, { kind: "bad" }), signal);
    conversation.on("gone", (text) => this.#fail(text), signal);
    live.on("conversation", (entry) => entry.conversation === conversation.id && conversation.update(entry), signal);
    live.on("note", ({ conversation: id, note, ...rest }) => id === conversation.id && conversation.addNote(note ?? { conversation: id, ...rest }), signal);
    live.on("presence", ({ conversation: id, viewers }) => id === conversation.id && conversation.update({ viewers }), signal);
    this.#listen();
    startPresence(conversation, () => !this.#composer.isEmpty, signal);
    fill(this.root, h("st-empty", { kind: "loading" }));
    void this.#open();
  }

  #listen() {
    const { signal } = this;
    this.#strip.addEventListener("choose", (/** @type {CustomEvent} */ event) => void this.jump(event.detail), { signal });
    this.addEventListener("jump", (event) => void this.jump(/** @type {CustomEvent} */ (event).detail), { signal });
    this.addEventListener("cite", (event) => this.#cite(/** @type {CustomEvent} */ (event).detail), { signal });
    this.addEventListener("act", (event) => void this.#act(/** @type {CustomEvent} */ (event).detail), { signal });
    this.#panel.addEventListener("use", (event) => this.#use(/** @type {CustomEvent} */ (event).detail), { signal });
    this.#panel.addEventListener("reject", (event) => void tellOutcome(/** @type {CustomEvent} */ (event).detail.id, { outcome: "rejected" }).catch(() => {}), { signal });
    this.#panel.addEventListener("ask", () => void this.#suggestions.ask(), { signal });
    this.#composer.addEventListener("send", (event) => this.#send(/** @type {CustomEvent} */ (event).detail), { signal });
    this.#composer.addEventListener("note", (event) => void this.#note(/** @type {CustomEvent} */ (event).detail), { signal });
    this.#composer.addEventListener("typed", () => this.#conversation.typed(), { signal });
    this.#composer.addEventListener("undo-send", () => this.#undo(), { signal });
    this.#composer.addEventListener("focus-out", () => this.#list.focus(), { signal });
    window.addEventListener("keydown", (event) => this.#key(event), { signal });
    window.addEventListener("desk-commands", (event) => this.#commands(/** @type {CustomEvent} */ (event).detail), { signal });
    window.addEventListener("pagehide", () => this.#conversation.flush(), { signal });
    document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? this.#conversation.seen() : this.#conversation.flush()), { signal });
  }

  disconnected() {
    this.#conversation.leave();
    this.#suggestions.clear();
  }

  async #open() {
    try {
      await this.#conversation.open();
    } catch (problem) {
      this.#fail(problem instanceof ApiError && problem.status === 404 ? "There is no such conversation, or it was erased." : /** @type {Error} */ (problem).message);
      return;
    }
    if (!this.isConnected) return;
    this.#place();
    this.#list.items = this.#conversation.items;
    if (this.seq === null) this.#list.toEnd();
    else await this.jump(this.seq);
    this.#isFirst = false;
    this.#suggest();
    this.#conversation.seen();
    this.emit("heading", customerName(this.#conversation.entry));
    void post("/v1/desk/mentions/read", { conversation: this.#conversation.id }).catch(() => {});
  }

  #place() {
    fill(this.root, h("div", { class: "course" }, this.#head, this.#strip, this.#list, h("div", null, h("div", { class: "anchor" }, this.#end), this.#status), this.#panel, this.#composer), this.#pane);
    this.#panel.hidden = true;
  }

  /** @param {string} text */
  #fail(text) {
    fill(this.root, h("st-empty", { kind: "error", heading: "The conversation cannot be shown", text },
      h("st-button", { icon: "refresh", onclick: () => location.reload() }, "Try again"), h("st-button", { variant: "primary", onclick: () => go("/desk") }, "To the inbox")));
  }

  #reading() {
    const conversation = this.#conversation;
    return {
      name: conversation.entry ? customerName(conversation.entry) : "Customer", face: conversation.entry ? faceOf(conversation.entry) : "", me: session.name, markOf: (/** @type {number} */ seq) => conversation.marks.get(seq), isOpen: (/** @type {number} */ seq) => this.#opened.has(seq),
      detail: (/** @type {number} */ seq) => this.#details.get(seq), found: this.#found, isMember: () => true,
    };
  }

  #acts = {
    toggle: (/** @type {number} */ seq) => void this.#toggle(seq),
    undo: (/** @type {string} */ id) => this.#undo(id),
    retry: (/** @type {string} */ id) => void this.#retry(id),
    edit: (/** @type {string} */ id) => this.#undo(id),
    label: (/** @type {number} */ seq) => void acts.correct(this.#conversation, seq),
  };

  /** Why a message was judged so, with the words that moved it. @param {number} seq */
  async #toggle(seq) {
    if (this.#opened.has(seq)) this.#opened.delete(seq);
    else this.#opened.add(seq);
    this.#list.refresh();
    if (!this.#opened.has(seq) || this.#details.has(seq)) return;
    const judged = await get(`${this.#conversation.path}/judgements/${seq}`).catch(() => null);
    if (judged === null) return;
    this.#details.set(seq, judged.judgement ?? judged);
    this.#list.refresh();
  }

  #shown() {
    const conversation = this.#conversation;
    if (!this.#list.isConnected) return;
    this.#list.items = conversation.items;
    this.#offerEnd();
    if (!this.#isFirst && document.visibilityState === "visible" && this.#list.isAtEnd) conversation.seen();
  }

  #offerEnd() {
    this.#end.hidden = this.#list.isAtEnd;
  }

  #toEnd() {
    this.#found = null;
    this.#list.toEnd();
    this.#offerEnd();
  }

  /** Shows a message, reading back to it if need be. @param {number} seq */
  async jump(seq) {
    await this.#conversation.reach(seq);
    this.#found = seq;
    this.#list.items = this.#conversation.items;
    this.#list.show(`m:${seq}`, "center");
    this.#list.refresh();
    this.#offerEnd();
  }

  #stands() {
    this.#says();
    this.#suggest();
  }

  /** Who writes now, and what stands in the way. */
  #says() {
    const { typists, stewardAnswers, line, holding, entry } = this.#conversation;
    const writing = (entry?.viewers ?? []).filter((/** @type {any} */ viewer) => viewer.name !== session.name && viewer.doing === "typing").map((/** @type {any} */ viewer) => viewer.name);
    const dots = () => h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    const people = [...new Set([...writing, ...typists.names.filter((who) => who !== "customer")])];
    const isWriting = typists.names.includes("customer");
    fill(this.#status,
      line === "waiting" && h("div", { class: "line warn" }, icon("wifi_off", 15), "The line is lost; trying again. What you send is kept and goes out then."),
      people.length > 0 && h("div", { class: "line warn" }, icon("pen", 15), `${people.join(" and ")} ${people.length === 1 ? "is" : "are"} writing here too${holding.assignee === people[0] ? ", and has the conversation" : ""}.`),
      isWriting && h("div", { class: "line" }, dots(), `${entry ? customerName(entry) : "The customer"} is writing`),
      stewardAnswers && holding.state === "bot" && h("div", { class: "line" }, dots(), "Steward answers"));
  }

  /** Suggests for the customer's newest words, where a person is to answer. */
  #suggest() {
    const { holding, entry, lastCustomerMessage: last, isLoading } = this.#conversation;
    if (isLoading || !entry || last === undefined || this.#conversation.isSending) return;
    const isForPerson = holding.state === "queued" || (holding.state === "agent" && this.#conversation.isMine);
    // That Steward said a person will come is no answer.
    const lastReply = this.#conversation.items.findLast(({ message }) => message?.from === "agent")?.message?.seq ?? 0;
    const isOpen = isForPerson && (entry.customer_waits || last.seq > lastReply);
    this.#panel.hidden = !isOpen && this.#suggestions.list.length === 0;
    if (isOpen) {
      this.#panel.hidden = false;
      void this.#suggestions.want(last.seq);
    }
  }

  /** @param {{how: "accept"|"edit", suggestion: Suggestion}} use */
  #use({ how, suggestion }) {
    if (how === "edit" || !this.#composer.isEmpty) {
      this.#composer.write(suggestion.text, suggestion);
      return;
    }
    this.#send({ text: suggestion.text, files: [], suggestion: { id: suggestion.id, original: suggestion.text, composingMs: Date.now() - suggestion.shownMs } });
  }

  /** @param {{title: string, quote: string}} citation */
  #cite({ title, quote }) {
    this.#composer.begin("reply");
    this.#composer.insert(`“${quote}” (${title})`);
  }

  /** @param {{text: string, files: string[], suggestion?: any}} message */
  #send(message) {
    const { holding, isMine } = this.#conversation;
    if (holding.state === "agent" && !isMine) {
      this.#composer.write(message.text, message.suggestion ?? null);
      void this.#hold("take_over");
      return;
    }
    this.#conversation.say(message);
    this.#suggestions.clear();
    this.#panel.hidden = true;
    this.#toEnd();
  }

  /** What became of the suggestion that it was made of. @param {any} sent */
  #sent({ suggestion, text, seq }) {
    if (!suggestion) return;
    const outcome = text.trim() === suggestion.original.trim() ? "accepted" : "edited";
    void tellOutcome(suggestion.id, { outcome, sent_text: text, message_seq: seq, composing_ms: Math.max(0, Math.round(suggestion.composingMs)) }).catch(() => {});
  }

  /** Takes the newest unsent message back into the composer. @param {string} [id] */
  #undo(id = this.#conversation.held?.item.id) {
    if (id === undefined) return;
    const item = this.#conversation.takeBack(id);
    if (item === null) return;
    this.#composer.write(item.text, item.suggestion ?? null);
    this.#suggest();
    toast("Not sent: it is back in the field.");
  }

  /** @param {string} id */
  async #retry(id) {
    if (this.#conversation.holding.state === "agent" && !this.#conversation.isMine) await this.#hold("take_over");
    if (this.#conversation.isMine || this.#conversation.holding.state !== "agent") this.#conversation.retry(id);
  }

  /** @param {{text: string, whisper_to: string|null}} note */
  async #note({ text, whisper_to: to }) {
    try {
      const note = await post(`${this.#conversation.path}/notes`, { id: crypto.randomUUID(), text, ...(to ? { whisper_to: to } : {}) });
      this.#conversation.addNote(note);
      this.#toEnd();
    } catch (problem) {
      this.#composer.begin("note", to);
      this.#composer.insert(text);
      toast(`The note was not kept: ${/** @type {Error} */ (problem).message}`, { kind: "bad" });
    }
  }

  /** @param {"take_over"|"give_back"|"requeue"|"close"} type */
  async #hold(type) {
    const done = await holdingQuestion(this.#conversation, type);
    if (!done) return;
    if (type === "take_over") {
      this.#suggest();
      this.#conversation.seen();
      this.#composer.begin("reply");
    }
    if (type === "close") this.emit("go-next");
  }

  /** @param {string} what */
  async #act(what) {
    const conversation = this.#conversation;
    switch (what) {
      case "take_over": case "give_back": case "requeue": case "close": return this.#hold(what);
      case "assign": return acts.assign(conversation);
      case "snooze": return acts.snooze(conversation);
      case "tags": return acts.tags(conversation);
      case "whisper": {
        const to = await acts.whisperTo();
        if (to !== null) this.#composer.begin("note", to);
        return undefined;
      }
      case "summary":
        this.classList.remove("no-pane");
        this.classList.add("with-pane");
        return this.#pane.summarise();
      case "pane": {
        const isNarrow = matchMedia("(max-width: 1240px)").matches;
        this.classList.toggle(isNarrow ? "with-pane" : "no-pane");
        return undefined;
      }
      case "link":
        await navigator.clipboard.writeText(`${location.origin}/desk/c/${encodeURIComponent(conversation.id)}`).then(() => toast("The link is copied.", { kind: "good" }), () => toast("The browser does not let the desk copy.", { kind: "bad" }));
        return undefined;
      case "download":
        window.open(address(`${conversation.path}/transcript`, { format: "text" }), "_blank", "noopener");
        return undefined;
      case "back": return go(`/desk${location.search}`);
      default: return undefined;
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.defaultPrevented || event.composedPath().some((node) => node instanceof HTMLDialogElement && node.open)) return;
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      const wishes = /** @type {const} */ ({ KeyS: "shorter", KeyW: "warmer", KeyO: "another" });
      const wish = Reflect.get(wishes, event.code);
      if (wish !== undefined && !this.#panel.hidden && this.#panel.wish(wish)) event.preventDefault();
      return;
    }
    if (isTyping() || !preferences().keys || event.ctrlKey || event.metaKey) {
      if (!isTyping() && (event.ctrlKey || event.metaKey) && event.key === "z" && this.#conversation.held) {
        event.preventDefault();
        this.#undo();
      }
      return;
    }
    if (this.#letter(event.shiftKey ? event.key.toUpperCase() : event.key)) event.preventDefault();
  }

  /** @param {string} key @returns {boolean} true if it meant something */
  #letter(key) {
    const { isMine, holding } = this.#conversation;
    const hasPanel = !this.#panel.hidden;
    if (hasPanel && ["1", "2", "3"].includes(key)) this.#suggestions.choose(Number(key) - 1);
    else if (hasPanel && key === "a") return this.#panel.use("accept");
    else if (hasPanel && key === "e") return this.#panel.use("edit");
    else if (hasPanel && key === "x") return this.#panel.reject();
    else if (hasPanel && key === "i") return this.#panel.cite();
    else if (key === "t" && !isMine && holding.state !== "closed") void this.#hold("take_over");
    else if (key === "r") this.#composer.begin("reply");
    else if (key === "n") this.#composer.begin("note");
    else if (key === "b" && isMine) void this.#hold("give_back");
    else if (key === "q" && isMine) void this.#hold("requeue");
    else if (key === "C" && holding.state !== "closed") void this.#hold("close");
    else if (key === "A") void this.#act("assign");
    else if (key === "z") void this.#act("snooze");
    else if (key === "l") void this.#act("tags");
    else if (key === "s") void this.#act("summary");
    else return false;
    return true;
  }

  /** @param {any[]} commands */
  #commands(commands) {
    const { isMine, holding } = this.#conversation;
    const isOpen = holding.state !== "closed";
    const command = (/** @type {string} */ id, /** @type {string} */ label, /** @type {string} */ name, kbd = "") => ({ id, label, icon: name, kbd, group: "This conversation", run: () => void this.#act(id) });
    commands.push(
      ...(isOpen && !isMine ? [command("take_over", "Take over", "hand", "T")] : []),
      ...(isMine ? [command("give_back", "Give back to Steward", "steward", "B"), command("requeue", "Put back in line", "queue", "Q")] : []),
      ...(isOpen ? [command("close", "Close the conversation", "shut", "⇧C"), command("assign", "Assign", "person", "⇧A"), command("snooze", "Snooze", "moon", "Z")] : []),
      command("tags", "Tags", "tag", "L"), command("summary", "Summary for hand-off", "file", "S"), command("whisper", "Whisper to a colleague", "whisper"), command("link", "Copy the link", "link"),
      { id: "note", label: "Write a private note", icon: "note", kbd: "N", group: "This conversation", run: () => this.#composer.begin("note") },
    );
  }
}

define("conversation-view", ConversationView);
