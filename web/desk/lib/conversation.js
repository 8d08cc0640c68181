/**
 * One conversation as the desk has it open: what was said, how it was judged, who has it, and what the agent sends.
 *
 * Fires `items` (the course changed), `entry` (who, state, tags …), `marks` (judgements), `line` (the socket), `typing`, `problem` (detail: a
 * sentence), `sent` (detail: the unsent item with the number it got), `customer` (the customer wrote), and `gone`.
 */

import { ApiError, get, post } from "../api.js";
import { session } from "../session.js";
import { AgentSocket } from "./agent-socket.js";
import { forgetUnsent, keepUnsent, unsent } from "./outbox.js";
import { Timeline } from "./timeline.js";
import { Typists } from "./typists.js";

/** @import { Message, Note, Row } from "./timeline.js" */
/** @import { Unsent } from "./outbox.js" */
/** @typedef {{item: Unsent, status: "held"|"sending"|"refused", reason: string}} Pending */

export const HOLD_MS = 5000;
const PAGE = 200;
const TYPING_EVERY_MS = 2000;
const LAST_WORDS_MS = 15_000;

export class Conversation extends EventTarget {
  id;
  /** @type {any} the entry, as lists show it */
  entry = null;
  /** @type {Row[]} */
  items = [];
  /** @type {Map<number, any>} how messages were judged, by number */
  marks = new Map();
  /** @type {"connecting"|"online"|"waiting"} */
  line = "connecting";
  typists = new Typists(() => this.#tell("typing"));
  hasOlder = false;
  isLoading = true;
  /** What was told of it while it was loading. @type {Record<string, any>} */
  #told = {};
  /** The customer has read everything up to this number. */
  read = 0;
  /** Steward answers this message now. */
  stewardAnswers = false;
  /** @type {{state: string, assignee: string|null, epoch: number}} */
  holding = { state: "bot", assignee: null, epoch: 0 };

  /** @type {Map<number, Message>} */
  #messages = new Map();
  /** @type {number[]} */
  #order = [];
  /** @type {Map<string, Note>} */
  #notes = new Map();
  /** @type {Map<string, string>} */
  #drafts = new Map();
  /** @type {Pending[]} */
  #pending = [];
  #timeline = new Timeline();
  /** @type {AgentSocket|null} */
  #socket = null;
  #frame = 0;
  #typedAt = 0;
  #timer = 0;
  #isLeft = false;
  #older = /** @type {Promise<void>|null} */ (null);

  /** @param {string} id */
  constructor(id) {
    super();
    this.id = id;
  }

  get path() {
    return `/v1/conversations/${encodeURIComponent(this.id)}`;
  }

  get isMine() {
    return this.holding.state === "agent" && this.holding.assignee === session.name;
  }

  get lastSeq() {
    return this.#order.at(-1) ?? 0;
  }

  get firstSeq() {
    return this.#order[0] ?? 0;
  }

  /** The newest thing that the customer wrote. @returns {Message|undefined} */
  get lastCustomerMessage() {
    const seq = this.#order.findLast((each) => this.#messages.get(each)?.from === "customer");
    return seq === undefined ? undefined : this.#messages.get(seq);
  }

  /** @param {number} seq */
  message(seq) {
    return this.#messages.get(seq);
  }

  /** Reads what there is, then listens. Throws an `ApiError` if it cannot be had. */
  async open() {
    const [entry, page, notes, judged] = await Promise.all([
      get(this.path), get(`${this.path}/messages`, { limit: PAGE }), get(`${this.path}/notes`), get(`${this.path}/judgements`),
    ]);
    if (this.#isLeft) return;
    // What was told meanwhile may be newer than the answer.
    this.entry = { ...entry, ...this.#told };
    this.holding = { state: entry.state, assignee: entry.assignee, epoch: entry.epoch ?? 0 };
    this.read = entry.customer_read_seq ?? 0;
    for (const { seq, judgement } of judged.judgements) this.marks.set(seq, judgement);
    for (const note of notes.notes) this.#notes.set(note.id, note);
    this.#take(page.messages);
    this.hasOlder = this.firstSeq > (page.first_seq ?? 1);
    this.#pending = unsent(this.id).map((item) => ({ item, status: "sending", reason: "" }));
    this.isLoading = false;
    this.#rebuild();
    this.#tell("entry");
    this.#tell("marks");
    this.#socket = new AgentSocket(this.id, {
      frame: (frame) => this.#receive(frame),
      state: (state) => this.#lineIs(state),
      after: () => this.lastSeq,
      gone: (message) => this.#tell("gone", message),
    });
  }

  /** Reads the page before the first message that is here. */
  older() {
    if (!this.hasOlder || this.isLoading) return Promise.resolve();
    this.#older ??= this.#readOlder().finally(() => (this.#older = null));
    return this.#older;
  }

  async #readOlder() {
    const page = await get(`${this.path}/messages`, { before: this.firstSeq, limit: PAGE });
    this.#take(page.messages);
    this.hasOlder = page.messages.length > 0 && this.firstSeq > (page.first_seq ?? 1);
    this.#rebuild();
  }

  /** Reads back until message `seq` is here. @param {number} seq */
  async reach(seq) {
    while (this.hasOlder && this.firstSeq > seq) await this.older();
  }

  /** @param {Message[]} messages */
  #take(messages) {
    for (const message of messages) this.#messages.set(message.seq, message);
    this.#order = [...this.#messages.keys()].sort((one, other) => one - other);
  }

  /** @param {Message} message */
  #add(message) {
    const isNew = !this.#messages.has(message.seq);
    this.#messages.set(message.seq, message);
    if (!isNew) return;
    if (message.seq > this.lastSeq) this.#order.push(message.seq);
    else this.#take([]);
  }

  #rebuild() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const messages = this.#order.map((seq) => /** @type {Message} */ (this.#messages.get(seq)));
    const notes = [...this.#notes.values()].sort((one, other) => one.after_seq - other.after_seq || one.at_ms - other.at_ms);
    this.items = this.#timeline.build({ messages, notes, drafts: this.#drafts, unsent: this.#pending, marks: this.marks, read: this.read });
    this.#tell("items");
  }

  /** At most once a frame, however many words come. */
  #soon() {
    if (this.#frame !== 0) return;
    this.#frame = document.visibilityState === "visible" ? requestAnimationFrame(() => this.#rebuild()) : window.setTimeout(() => this.#rebuild(), 200);
  }

  /** @param {string} type @param {unknown} [detail] */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {string} type @param {(detail: any) => void} run @param {AbortSignal} signal */
  on(type, run, signal) {
    this.addEventListener(type, (event) => run(/** @type {CustomEvent} */ (event).detail), { signal });
  }

  /** @param {"connecting"|"online"|"waiting"} state */
  #lineIs(state) {
    this.line = state;
    this.#tell("line");
  }

  /** @param {any} frame */
  #receive(frame) {
    switch (frame.type) {
      case "ready": return this.#ready(frame);
      case "ack": return this.#acknowledged(frame);
      case "error": return this.#refused(frame);
      case "delta":
        this.stewardAnswers = true;
        this.#drafts.set(frame.reply, (this.#drafts.get(frame.reply) ?? "") + frame.text);
        return this.#soon();
      case "message": return this.#said({ ...frame, from: "customer", agent: null });
      case "reply":
        this.#drafts.delete(frame.reply);
        this.stewardAnswers = false;
        return this.#said({ ...frame, id: frame.reply, agent: frame.name ?? null });
      case "event": return this.#happened(frame);
      case "judgement":
        this.marks.set(frame.seq, frame.judgement);
        this.#soon();
        return this.#tell("marks");
      case "holding":
        this.holding = { state: frame.state, assignee: frame.assignee, epoch: frame.epoch };
        if (frame.state !== "bot") this.#dropDrafts();
        this.#sendAll();
        return this.#tell("entry");
      case "typing": return frame.who === session.name ? undefined : this.typists.heard(frame.who);
      case "read":
        this.read = Math.max(this.read, frame.seq);
        return this.#soon();
      case "note": return this.addNote(frame);
      default: // A newer server may say more than we understand.
    }
    return undefined;
  }

  /** @param {any} frame */
  #ready(frame) {
    this.#dropDrafts();
    if (frame.after < this.lastSeq) {
      // The server was restored from a backup: what it does not know of is no more.
      for (const seq of this.#order.filter((each) => each > frame.after)) this.#messages.delete(seq);
      this.#take([]);
      this.#rebuild();
    }
    this.#sendAll();
  }

  #dropDrafts() {
    this.stewardAnswers = false;
    if (this.#drafts.size === 0) return;
    this.#drafts.clear();
    this.#soon();
  }

  /** @param {any} frame */
  #said(frame) {
    this.#add({ citations: [], decision: null, files: [], at_ms: Date.now(), ...frame });
    this.#pending = this.#pending.filter(({ item }) => item.id !== frame.id);
    if (frame.from === "customer") {
      this.typists.forget("customer");
      this.#tell("customer");
    } else if (frame.agent) {
      this.typists.forget(frame.agent);
    }
    this.#soon();
  }

  /** @param {any} frame */
  #happened(frame) {
    if (frame.event === "typing") {
      this.stewardAnswers = true;
      this.#tell("typing");
      return;
    }
    if (frame.event === "agent_typing" || frame.event === "read") return;
    if (frame.event !== "agent_left") this.#dropDrafts();
    this.#add({ seq: frame.seq, from: "event", id: "", text: frame.event, citations: [], decision: null, agent: frame.name ?? null, at_ms: Date.now(), files: [] });
    this.#soon();
  }

  /** @param {Note} note */
  addNote(note) {
    this.#notes.set(note.id, note);
    this.#soon();
  }

  /** What lists are told of this conversation. @param {any} entry */
  update(entry) {
    if (this.isLoading) {
      this.#told = { ...this.#told, ...entry };
      return;
    }
    this.entry = { ...this.entry, ...entry };
    this.#tell("entry");
  }

  /** The agent is writing: the customer may see so, once in a while. */
  typed() {
    if (!this.isMine || Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = Date.now();
    this.#socket?.send({ type: "typing" });
  }

  /** The agent has seen everything; the customer is told only by the one who answers them. */
  seen() {
    if (this.isMine && this.lastSeq > 0) this.#socket?.send({ type: "read", seq: this.lastSeq });
  }

  /**
   * Holds a message for five seconds, then sends it. Takes the conversation over at once, so that nobody speaks meanwhile.
   * @param {{text: string, files?: string[], suggestion?: Unsent["suggestion"]}} message
   * @returns {Unsent}
   */
  say({ text, files = [], suggestion }) {
    const item = { id: crypto.randomUUID(), text, files, atMs: Date.now(), dueMs: Date.now() + HOLD_MS, suggestion };
    keepUnsent(this.id, item);
    this.#pending.push({ item, status: "held", reason: "" });
    this.#rebuild();
    if (!this.isMine) void this.hold("take_over").catch((problem) => this.#holdFailed(problem));
    this.#wait();
    return item;
  }

  /** @param {unknown} problem */
  #holdFailed(problem) {
    for (const pending of this.#pending.filter(({ status }) => status !== "refused")) {
      this.#pending[this.#pending.indexOf(pending)] = { ...pending, status: "refused", reason: problem instanceof Error ? problem.message : String(problem) };
    }
    this.#rebuild();
  }

  /** Takes back what is not yet sent. @param {string} id @returns {Unsent|null} */
  takeBack(id) {
    const found = this.#pending.find(({ item, status }) => item.id === id && status !== "sending");
    if (found === undefined) return null;
    this.#pending = this.#pending.filter((each) => each !== found);
    forgetUnsent(this.id, id);
    this.#rebuild();
    return found.item;
  }

  /** Something of the agent's is on its way to the customer. */
  get isSending() {
    return this.#pending.some(({ status }) => status !== "refused");
  }

  /** The newest message that can still be taken back. @returns {Pending|undefined} */
  get held() {
    return this.#pending.findLast(({ status }) => status === "held");
  }

  /** Sends a refused message again. @param {string} id */
  retry(id) {
    this.#pending = this.#pending.map((each) => (each.item.id === id ? { ...each, status: "sending", reason: "" } : each));
    this.#rebuild();
    if (this.isMine) this.#sendAll();
    else void this.hold("take_over").catch((problem) => this.#holdFailed(problem));
  }

  /** Sends what is held, without waiting on. */
  flush() {
    this.#pending = this.#pending.map((each) => (each.status === "held" ? { ...each, status: "sending" } : each));
    this.#sendAll();
    this.#rebuild();
  }

  #wait() {
    clearTimeout(this.#timer);
    const due = this.#pending.filter(({ status }) => status === "held").map(({ item }) => item.dueMs);
    if (due.length === 0) return;
    this.#timer = window.setTimeout(() => {
      const now = Date.now();
      this.#pending = this.#pending.map((each) => (each.status === "held" && each.item.dueMs <= now + 20 ? { ...each, status: "sending" } : each));
      this.#sendAll();
      this.#rebuild();
      this.#wait();
    }, Math.max(0, Math.min(...due) - Date.now()));
  }

  #sendAll() {
    if (!this.isMine) return;
    for (const { item, status } of this.#pending) {
      // Sent again after a break: under the same id it is the same message.
      if (status === "sending") this.#socket?.send({ type: "message", id: item.id, text: item.text, ...(item.files.length > 0 ? { files: item.files } : {}) });
    }
  }

  /** @param {any} frame */
  #acknowledged(frame) {
    const found = this.#pending.find(({ item }) => item.id === frame.id);
    forgetUnsent(this.id, frame.id);
    if (found === undefined) return;
    this.#pending = this.#pending.filter((each) => each !== found);
    const text = frame.text ?? found.item.text;
    this.#add({ seq: frame.seq, from: "agent", id: frame.id, text, citations: [], decision: null, agent: session.name, at_ms: Date.now(), files: frame.files ?? [] });
    this.#rebuild();
    this.#tell("sent", { ...found.item, seq: frame.seq });
  }

  /** @param {any} frame */
  #refused(frame) {
    const index = this.#pending.findIndex(({ item }) => item.id === frame.id);
    if (index < 0) {
      // That the conversation is gone is said by the end of the line.
      if (frame.code !== "unknown_conversation") this.#tell("problem", frame.message);
      return;
    }
    if (Number.isFinite(frame.retry_after_ms)) {
      window.setTimeout(() => this.#sendAll(), frame.retry_after_ms);
      return;
    }
    this.#pending[index] = { ...this.#pending[index], status: "refused", reason: frame.message };
    this.#rebuild();
  }

  /**
   * Takes the conversation, gives it back, puts it in line or closes it.
   * @param {"take_over"|"give_back"|"requeue"|"close"} type
   * @param {{fromAnother?: boolean}} [options]
   */
  async hold(type, { fromAnother = false } = {}) {
    if (type !== "take_over") await this.#emptied();
    const body = type === "take_over" ? { type, from_another: fromAnother } : { type };
    const holding = await post(`${this.path}/holding`, body);
    if (holding.epoch >= this.holding.epoch) this.holding = holding;
    this.entry = { ...this.entry, state: holding.state, assignee: holding.assignee };
    this.#dropDrafts();
    this.#tell("entry");
    this.#sendAll();
  }

  /** What is held goes out before the conversation does. */
  async #emptied() {
    if (this.#pending.every(({ status }) => status === "refused")) return;
    this.flush();
    const end = Date.now() + LAST_WORDS_MS;
    while (this.#pending.some(({ status }) => status === "sending") && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 30));
    if (this.#pending.some(({ status }) => status === "sending")) throw new ApiError("Your last message is not sent yet; try again in a moment.", { code: "not_sent" });
  }

  /** The page turns to something else: what is held goes out now, and the line ends after it. */
  leave() {
    this.flush();
    this.#isLeft = true;
    clearTimeout(this.#timer);
    const end = Date.now() + LAST_WORDS_MS;
    const look = () => {
      if (this.#pending.some(({ status }) => status === "sending") && Date.now() < end) window.setTimeout(look, 100);
      else this.#socket?.end();
    };
    look();
  }
}
