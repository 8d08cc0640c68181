/**
 * <composer-box>: where an agent writes: a reply to the customer, or a private note. `conversation`: a `Conversation`.
 *
 * Fires `send` ({text, files, suggestion}), `note` ({text, whisper_to}), `typed`, and `focus-out` when Escape leaves it. What is written stays
 * in this tab while the conversation is left. "/" at the beginning offers canned replies, "@" in a note colleagues.
 */

import { StElement, css, define, fill, h, icon, later, toast } from "/design/index.js";
import { ApiError, post, upload } from "../api.js";
import { canned, members } from "../lib/shared.js";
import { fileSize } from "../lib/words.js";
import { session } from "../session.js";
import { Popup, popupStyles } from "./composer-popup.js";
import { groundMark } from "./suggestions-panel.js";

/** @import { Conversation } from "../lib/conversation.js" */

const styles = css`
:host { display: block; position: relative; border-block-start: 1px solid var(--st-line); background: var(--st-surface); padding: 8px 14px 12px; }
.modes { display: flex; gap: 2px; align-items: center; margin-block-end: 6px; }
.mode { display: inline-flex; gap: 6px; align-items: center; min-block-size: 28px; padding: 0 10px; border-radius: 7px; font-size: var(--st-text-s); font-weight: 580; color: var(--st-quiet); }
.mode:hover { background: var(--st-hover); }
.mode[aria-pressed="true"] { background: var(--st-accent-soft); color: var(--st-accent-text); }
.mode.note[aria-pressed="true"] { background: var(--st-note-soft); color: var(--st-note-text); }
.to { flex: 1; font-size: var(--st-text-s); color: var(--st-quiet); padding-inline-start: 8px; min-inline-size: 0; }
.box { border: 1px solid var(--st-control); border-radius: var(--st-radius); background: var(--st-surface); }
.box:focus-within { border-color: var(--st-accent); box-shadow: 0 0 0 1px var(--st-accent); }
.box.note { background: var(--st-note-soft); border-color: var(--st-note-line); }
textarea { display: block; inline-size: 100%; min-block-size: 66px; max-block-size: 38dvh; padding: 10px 13px 4px; border: 0; background: none; resize: none; line-height: 1.5; field-sizing: content; }
textarea:focus-visible { outline: none; }
textarea::placeholder { color: var(--st-quiet); opacity: 1; }
.foot { display: flex; align-items: center; gap: 4px; padding: 4px 7px 7px; }
.foot .gap { flex: 1; min-inline-size: 0; display: flex; justify-content: end; align-items: center; gap: 8px; padding-inline-end: 6px; }
.chips { display: flex; flex-wrap: wrap; gap: 5px; padding: 4px 12px 0; }
.chip { display: inline-flex; align-items: center; gap: 6px; padding: 3px 4px 3px 9px; padding-inline: 9px 4px; border-radius: 7px; background: var(--st-hover); font-size: var(--st-text-s); max-inline-size: 240px; }
.chip button { padding: 3px; border-radius: 5px; }
.from { color: var(--st-quiet); font-size: var(--st-text-xs); display: inline-flex; gap: 5px; align-items: center; }
.shut { display: flex; gap: 9px; align-items: center; color: var(--st-quiet); padding: 8px; }
@media (max-width: 760px) { :host { padding: 6px 8px calc(8px + env(safe-area-inset-bottom)); } textarea { min-block-size: 46px; } .to { display: none; } .foot .gap { justify-content: start; } }
`;

const CHECK_AFTER_MS = 900;
const DRAFT = "steward-desk-draft:";
const MOST_FILES = 5;

export class ComposerBox extends StElement {
  static styles = [styles, popupStyles];

  /** @type {Conversation|null} */
  conversation = null;
  /** @type {"reply"|"note"} */
  #mode = "reply";
  /** @type {string|null} */
  #whisperTo = null;
  /** @type {{id: string, original: string, from: number}|null} the suggestion that is being edited */
  #from = null;
  /** @type {{id: string, name: string, bytes: number, state: "up"|"there"}[]} */
  #files = [];
  #field = h("textarea", { rows: 2, "aria-label": "Reply to the customer", spellcheck: true, dir: "auto" });
  #popup = new Popup(this.#field, (value) => void this.#take(value));
  #modes = h("div", { class: "modes" });
  #chips = h("div", { class: "chips" });
  #box = h("div", { class: "box" });
  #send = h("st-button", { variant: "primary", icon: "send", size: "s" }, "Send");
  #mark = h("div", { class: "gap" });
  #picker = h("input", { type: "file", multiple: true, hidden: true, accept: "image/png,image/jpeg,image/gif,image/webp,application/pdf,text/plain", "aria-label": "Files to send" });
  #check = later(() => void this.#checkNow(), CHECK_AFTER_MS);
  #checked = "";

  constructor() {
    super();
    const attach = h("st-button", { class: "reply-only", size: "s", variant: "quiet", icon: "clip", label: "Attach a file", onclick: () => this.#picker.click() });
    const slash = h("st-button", { class: "reply-only", size: "s", variant: "quiet", icon: "bolt", label: "Canned replies", kbd: "/", onclick: () => this.#slash() });
    const at = h("st-button", { class: "note-only", size: "s", variant: "quiet", icon: "at", label: "Mention a colleague", kbd: "@", onclick: () => this.insert("@") });
    fill(this.#box, this.#chips, this.#field, h("div", { class: "foot" }, slash, attach, at, this.#picker, this.#mark, this.#send));
    this.root.append(this.#popup.element, this.#modes, this.#box);
    this.#send.addEventListener("click", () => this.send());
    this.#field.addEventListener("input", () => this.#typed());
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#field.addEventListener("blur", () => this.#popup.close());
    this.#field.addEventListener("paste", (event) => this.#pasted(event));
    this.#picker.addEventListener("change", () => {
      for (const file of this.#picker.files ?? []) void this.#attach(file);
      this.#picker.value = "";
    });
    this.#box.addEventListener("dragover", (event) => event.preventDefault());
    this.#box.addEventListener("drop", (event) => {
      event.preventDefault();
      for (const file of event.dataTransfer?.files ?? []) void this.#attach(file);
    });
  }

  connected() {
    const { conversation, signal } = this;
    conversation?.on("entry", () => this.changed(), signal);
    const kept = conversation && sessionStorage.getItem(DRAFT + conversation.id);
    if (kept) this.#field.value = kept;
  }

  disconnected() {
    this.#check.cancel();
    this.#keepDraft();
  }

  get isEmpty() {
    return this.#field.value.trim() === "" && this.#files.length === 0;
  }

  get text() {
    return this.#field.value;
  }

  /** @param {"reply"|"note"} mode @param {string|null} [whisperTo] */
  begin(mode, whisperTo = null) {
    this.#mode = mode;
    this.#whisperTo = whisperTo;
    this.changed();
    queueMicrotask(() => this.#field.focus());
  }

  /**
   * Puts a text into the field, to be changed and sent.
   * @param {string} text
   * @param {{id: string}|null} [suggestion]
   */
  write(text, suggestion = null) {
    this.#mode = "reply";
    this.#field.value = text;
    this.#from = suggestion ? { id: suggestion.id, original: text, from: Date.now() } : null;
    this.changed();
    this.#check();
    queueMicrotask(() => {
      this.#field.focus();
      this.#field.setSelectionRange(text.length, text.length);
    });
  }

  /** @param {string} text */
  insert(text) {
    const { selectionStart: start, selectionEnd: end, value } = this.#field;
    const before = value.slice(0, start);
    const gap = before === "" || /\s$/.test(before) || text === "@" ? "" : " ";
    this.#field.setRangeText(gap + text, start, end, "end");
    this.#field.focus();
    this.#typed();
  }

  send() {
    const text = this.#field.value.trim();
    if (this.#files.some(({ state }) => state === "up")) {
      toast("A file is still on its way; send again in a moment.");
      return;
    }
    if (text === "" && this.#files.length === 0) {
      this.#field.focus();
      return;
    }
    const [mode, to, from] = [this.#mode, this.#whisperTo, this.#from];
    const suggestion = from ? { id: from.id, original: from.original, composingMs: Date.now() - from.from } : undefined;
    const files = this.#files.map(({ id }) => id);
    // Emptied first: whoever hears of it may put the words back.
    this.clear();
    this.#mode = "reply";
    this.#whisperTo = null;
    if (mode === "reply") this.emit("send", { text, files, suggestion });
    else if (text !== "") this.emit("note", { text, whisper_to: to });
    this.changed();
  }

  clear() {
    this.#field.value = "";
    this.#files = [];
    this.#from = null;
    this.#checked = "";
    this.#popup.close();
    fill(this.#mark);
    this.#keepDraft();
    this.changed();
  }

  #keepDraft() {
    const id = this.conversation?.id;
    if (!id) return;
    const text = this.#field.value;
    try {
      if (text.trim() === "") sessionStorage.removeItem(DRAFT + id);
      else sessionStorage.setItem(DRAFT + id, text);
    } catch {
      // A browser that keeps nothing: the draft lasts while the conversation is open.
    }
  }

  #typed() {
    this.#offer();
    this.#keepDraft();
    if (this.#mode === "reply") {
      this.emit("typed");
      this.#check();
    }
    if (this.#from && this.#field.value.trim() === "") this.#from = null;
    this.#showFrom();
  }

  #offer() {
    const { value, selectionStart } = this.#field;
    const before = value.slice(0, selectionStart);
    const [, slash] = this.#mode === "reply" ? /^\/(\S*)$/.exec(before) ?? [] : [];
    const [, name] = this.#mode === "note" ? /(?:^|\s)@([\w.+-]*)$/.exec(before) ?? [] : [];
    if (slash !== undefined) {
      const word = slash.toLocaleLowerCase();
      const fits = canned.list.filter(({ shortcut, title }) => shortcut.toLocaleLowerCase().startsWith(word) || title.toLocaleLowerCase().includes(word));
      this.#popup.open("Canned replies", fits.slice(0, 30).map((each) => ({ id: each.id, label: `/${each.shortcut}  ${each.title}`, sub: each.text, icon: "bolt", value: { canned: each } })),
        canned.list.length === 0 ? "There are no canned replies yet; they are made in the settings." : "No canned reply is called that.");
    } else if (name !== undefined) {
      const fits = members.list.filter((each) => each.name !== session.name && each.name.toLocaleLowerCase().startsWith(name.toLocaleLowerCase()));
      this.#popup.open("Colleagues", fits.map((each) => ({ id: each.name, label: each.name, sub: each.online ? "here now" : "", icon: "person", value: { mention: each.name, typed: name } })), "Nobody is called that.");
    } else {
      this.#popup.close();
    }
  }

  #slash() {
    if (this.#field.value.trim() !== "") {
      toast("Canned replies begin with / in an empty field.");
      return;
    }
    this.#field.value = "/";
    this.#field.focus();
    this.#offer();
  }

  /** @param {any} value */
  async #take({ canned: reply, mention, typed }) {
    const field = this.#field;
    if (mention !== undefined) {
      const end = field.selectionStart;
      field.setRangeText(`@${mention} `, end - typed.length - 1, end, "end");
      this.#typed();
      return;
    }
    try {
      const { text, missing } = await post(`${this.conversation?.path}/canned/${encodeURIComponent(reply.id)}/render`);
      this.write(text);
      if (missing?.length > 0) toast(`Not known of this customer: ${missing.join(", ")}. Look the text over before it goes out.`, { kind: "bad" });
    } catch (problem) {
      toast(`The canned reply cannot be filled in: ${/** @type {Error} */ (problem).message}`, { kind: "bad" });
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || this.#popup.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.#field.blur();
      this.emit("focus-out");
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey) && this.#field.value === "") {
      event.preventDefault();
      this.emit("undo-send");
    }
  }

  /** @param {ClipboardEvent} event */
  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || this.#mode === "note") return;
    event.preventDefault();
    for (const file of files) void this.#attach(file);
  }

  /** @param {File} file */
  async #attach(file) {
    if (this.#files.length >= MOST_FILES) {
      toast(`At most ${MOST_FILES} files go with one message.`, { kind: "bad" });
      return;
    }
    const id = crypto.randomUUID();
    this.#files.push({ id, name: file.name, bytes: file.size, state: "up" });
    this.changed();
    try {
      const query = new URLSearchParams({ name: file.name, id });
      const kept = await upload(`${this.conversation?.path}/files?${query}`, file);
      this.#files = this.#files.map((each) => (each.id === id ? { id: kept.id, name: kept.name, bytes: kept.bytes, state: "there" } : each));
    } catch (problem) {
      this.#files = this.#files.filter((each) => each.id !== id);
      toast(`${file.name} was not taken: ${/** @type {Error} */ (problem).message}`, { kind: "bad" });
    }
    this.changed();
  }

  async #checkNow() {
    const text = this.#field.value.trim();
    if (this.#mode !== "reply" || text.length < 12 || text === this.#checked || text.startsWith("/")) {
      if (text.length < 12) fill(this.#mark);
      return;
    }
    this.#checked = text;
    try {
      const { groundedness } = await post(`${this.conversation?.path}/check`, { text });
      if (this.#field.value.trim() !== text) return;
      const bad = groundedness.sentences.filter((/** @type {any} */ each) => !each.supported).map((/** @type {any} */ each) => each.text);
      const mark = groundMark({ groundedness });
      if (mark && bad.length > 0) mark.title = `Not in the evidence: ${bad.join(" · ")}`;
      fill(this.#mark, mark);
    } catch (problem) {
      // A mark, never a hindrance.
      if (!(problem instanceof ApiError)) throw problem;
      fill(this.#mark);
    }
  }

  #showFrom() {
    this.root.querySelector(".from")?.remove();
    if (this.#from) this.#modes.append(h("span", { class: "from" }, icon("spark", 13), this.#field.value === this.#from.original ? "as suggested" : "from a suggestion, edited"));
  }

  render() {
    const { conversation } = this;
    const isNote = this.#mode === "note";
    const isClosed = conversation?.holding.state === "closed";
    if (isClosed && !isNote) this.#mode = "note";
    const mode = (/** @type {"reply"|"note"} */ id, /** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ key) => h("button", {
      class: `mode ${id}`, type: "button", "aria-pressed": String(this.#mode === id), disabled: id === "reply" && isClosed, "aria-keyshortcuts": key, onclick: () => this.begin(id),
    }, icon(name, 15), label);
    const holder = conversation?.holding;
    const isElse = holder?.state === "agent" && !conversation?.isMine;
    const to = this.#whisperTo ? `Only ${this.#whisperTo} reads this` : this.#mode === "note" ? "Only your team reads this" : isElse ? `${holder?.assignee} has this conversation` : conversation?.isMine ? "" : "Sending takes the conversation over";
    fill(this.#modes, mode("reply", "send", "Reply", "R"), mode("note", "note", this.#whisperTo ? `Whisper to ${this.#whisperTo}` : "Private note", "N"), h("span", { class: "to cut" }, isClosed && this.#mode === "reply" ? "The conversation is closed" : to));
    this.#showFrom();
    this.#box.className = `box ${this.#mode}`;
    this.#field.setAttribute("aria-label", this.#mode === "note" ? "Private note" : "Reply to the customer");
    this.#field.placeholder = this.#mode === "note" ? "Write to your team; @ mentions somebody" : "Write to the customer; / for canned replies";
    this.#send.textContent = this.#mode === "note" ? "Add note" : "Send";
    for (const each of this.root.querySelectorAll(".reply-only")) /** @type {HTMLElement} */ (each).hidden = this.#mode === "note";
    for (const each of this.root.querySelectorAll(".note-only")) /** @type {HTMLElement} */ (each).hidden = this.#mode === "reply";
    fill(this.#chips, this.#files.map((file) => h("span", { class: "chip" }, icon("file", 14), h("span", { class: "cut" }, file.name), h("span", { class: "quiet" }, file.state === "up" ? "…" : fileSize(file.bytes)),
      h("button", { type: "button", "aria-label": `Leave ${file.name} out`, onclick: () => { this.#files = this.#files.filter((each) => each !== file); this.changed(); } }, icon("cross", 13)))));
    this.#chips.hidden = this.#files.length === 0;
  }
}

define("composer-box", ComposerBox);
