/**
 * The conversation as the customer sees it: one list item for each message, reply and event.
 *
 * In: what was said, in any order. Out: items in the order of their sequence numbers, with what is unsent at the end.
 * Scrolls along only while the reader is at the end. Knows nothing of the socket.
 */

import { citationsOf } from "./citations.js";
import { bulletOf, button, element, writeText } from "./element.js";
import { Reveal } from "./reveal.js";
import { t } from "./words.js";

const NEAR_END_PX = 60;
const UNSENT = Number.POSITIVE_INFINITY;
const MOST_CHOICES = 6;

/** @typedef {{item: HTMLElement, note: HTMLElement, text: string}} Said */
/** @typedef {{item: HTMLElement, text: HTMLElement, reveal: Reveal, interrupted: boolean, finished: boolean}} Reply */

export class Transcript {
  #scroller;
  #list;
  #toEnd;
  #hooks;
  /** @type {WeakMap<Element, number>} sequence numbers */
  #orders = new WeakMap();
  /** @type {Map<string, Said>} by client id */
  #customers = new Map();
  /** @type {Map<string, Reply>} by reply id */
  #replies = new Map();
  #readTo = 0; // a person has read up to here
  #typing;
  #typingTimer = 0;
  #lastReply = 0; // the highest sequence number of a reply
  #endTop = 0; // where the reader last stood at the end

  /**
   * @param {import("./types").Parts} parts
   * @param {{edit: (text: string) => void, choose: (text: string) => void, agentName: () => string,
   *   filesOf: (files: import("./types").FileRef[]) => HTMLElement}} hooks
   */
  constructor({ scroller, list, "to-end": toEnd }, hooks) {
    this.#scroller = scroller;
    this.#list = list;
    this.#toEnd = toEnd;
    this.#hooks = hooks;
    this.#typing = element("li", "row steward typing");
    const dots = element("div", "bubble dots");
    dots.setAttribute("role", "img");
    dots.append(element("span"), element("span"), element("span"));
    this.#typing.append(dots);
    scroller.addEventListener("scroll", () => this.#offerEnd(), { passive: true });
    toEnd.addEventListener("click", () => this.scrollToEnd());
  }

  clear() {
    clearTimeout(this.#typingTimer);
    for (const { reveal } of this.#replies.values()) reveal.stop();
    this.#customers.clear();
    this.#replies.clear();
    this.#lastReply = this.#readTo = 0;
    this.#list.replaceChildren();
    this.#offerEnd();
  }

  get hasReplies() {
    return this.#lastReply > 0;
  }

  /** True where nothing has been said since the message with this number. @param {number} seq */
  awaitsReplyTo(seq) {
    return seq > this.#lastReply;
  }

  /** @param {string} id */
  hasCustomer(id) {
    return this.#customers.has(id);
  }

  /**
   * What the customer wrote.
   * @param {{id: string, text: string, seq?: number, state: import("./types").MessageState, files?: import("./types").FileRef[]}} said
   */
  customer({ id, text, seq, state, files }) {
    const item = element("li", "row customer");
    const bubble = element("div", "bubble");
    writeText(bubble, text);
    const note = element("div", "note");
    item.append(bubble);
    if (files?.length) item.append(this.#hooks.filesOf(files));
    item.append(note);
    this.#customers.set(id, { item, note, text });
    this.#place(item, seq);
    this.setState(id, state, { seq });
    if (state !== "delivered") this.scrollToEnd();
  }

  /**
   * `kept`: the text as the server keeps it, where that differs: what must not be kept is masked.
   * @param {string} id  @param {import("./types").MessageState} state
   * @param {{seq?: number, reason?: string, kept?: string|null}} more
   */
  setState(id, state, { seq, reason = "", kept = null } = {}) {
    const entry = this.#customers.get(id);
    if (!entry) return;
    const { item, note, text } = entry;
    if (kept !== null && kept !== text) {
      entry.text = kept;
      writeText(/** @type {Element} */ (item.firstElementChild), kept);
    }
    item.dataset.state = state;
    if (seq !== undefined) this.#orders.set(item, seq);
    const isRead = state === "delivered" && this.#orderOf(item) <= this.#readTo;
    note.textContent = state === "refused" ? reason : t(isRead ? "read" : state);
    if (state === "refused") {
      const edit = button("link", t("edit"), () => {
        item.remove();
        this.#customers.delete(id);
        this.#hooks.edit(text);
      });
      note.append(" ", edit);
    }
    this.follow();
  }

  /** Everything not yet delivered now waits for a connection. */
  queueUndelivered() {
    for (const [id, { item }] of this.#customers) {
      if (item.dataset.state === "sending") this.setState(id, "queued");
    }
  }

  /** A person has read everything up to this number. @param {number} seq */
  readTo(seq) {
    if (seq <= this.#readTo) return;
    this.#readTo = seq;
    for (const [id, { item }] of this.#customers) if (item.dataset.state === "delivered") this.setState(id, "delivered");
  }

  /** @param {import("./types").Frame} frame */
  delta({ reply, text }) {
    const entry = this.#replies.get(reply) ?? this.#beginReply(reply, "steward");
    // After a break some of the text may have passed by unseen: then only the whole reply is right.
    if (entry.interrupted || entry.finished) return;
    this.typing(false);
    entry.reveal.push(text);
  }

  /** @param {import("./types").Frame} frame */
  reply({ reply, seq, from, text, citations, decision, files, name }) {
    this.typing(false);
    const begun = this.#replies.get(reply);
    const entry = begun ?? this.#beginReply(reply, from, seq, name);
    entry.finished = true;
    this.#lastReply = Math.max(this.#lastReply, seq);
    this.#orders.set(entry.item, seq);
    const cited = citationsOf(citations);
    const stand = () => {
      const wasAtEnd = this.#atEnd();
      entry.item.classList.remove("interrupted");
      entry.item.removeAttribute("aria-busy");
      writeText(entry.text, text);
      if (cited) entry.item.append(cited);
      if (files?.length) entry.item.append(this.#hooks.filesOf(files));
      if (decision === "clarify") this.#offer(entry.item, text);
      if (wasAtEnd) this.scrollToEnd();
    };
    // What was said before this page was opened, or written by a person, is there at once.
    if (begun) entry.reveal.finish(text, stand);
    else stand();
  }

  /** The line broke: half a reply stays readable until the whole one comes, which may bear another id. */
  interrupt() {
    this.typing(false);
    for (const entry of this.#replies.values()) {
      if (entry.finished) continue;
      entry.interrupted = true;
      entry.item.classList.add("interrupted");
    }
  }

  /** A person took over, or it is over: a reply that was being written will not be finished. */
  dropUnfinished() {
    this.typing(false);
    this.#drop(() => true);
  }

  /** What was asked back, as answers to choose from; they go once something is said. @param {Element} item  @param {string} text */
  #offer(item, text) {
    const choices = text.split("\n").flatMap((line) => bulletOf(line) ?? []);
    if (choices.length < 2 || choices.length > MOST_CHOICES || this.#lastReply > this.#orderOf(item) || item.nextElementSibling) return;
    const box = element("div", "choices");
    box.append(...choices.map((choice) => button("", choice, () => this.#hooks.choose(choice))));
    item.append(box);
  }

  /** A line about the conversation itself: who joined, that it was handed over, that it ended. @param {string} text  @param {string} kind  @param {number} seq */
  status(text, kind, seq) {
    const item = element("li", `status ${kind}`, text);
    this.#place(item, seq);
    this.follow();
  }

  /** @param {boolean} on  @param {number} forMs after which the dots go by themselves */
  typing(on, forMs = 0) {
    clearTimeout(this.#typingTimer);
    if (!on) {
      this.#typing.remove();
      return;
    }
    this.#typing.firstElementChild?.setAttribute("aria-label", t("typing"));
    const wasAtEnd = this.#atEnd();
    if (this.#list.lastElementChild !== this.#typing) this.#list.append(this.#typing);
    if (wasAtEnd) this.scrollToEnd();
    if (forMs > 0) this.#typingTimer = setTimeout(() => this.#typing.remove(), forMs);
  }

  scrollToEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#offerEnd();
  }

  /** @param {string} id  @param {string} from  @param {number} [seq]  @param {string} [name] */
  #beginReply(id, from, seq, name) {
    this.#drop((entry) => entry.interrupted);
    const who = from === "agent" ? "agent" : "steward";
    const item = element("li", `row ${who}`);
    item.setAttribute("aria-busy", "true"); // until it stands there whole
    const text = element("div", "bubble");
    item.append(element("div", "sender", who === "agent" ? name ?? this.#hooks.agentName() : t("assistant")), text);
    this.#place(item, seq);
    const entry = { item, text, interrupted: false, finished: false, reveal: new Reveal(text, () => this.follow()) };
    this.#replies.set(id, entry);
    return entry;
  }

  #drop(/** @type {(entry: Reply) => boolean} */ isGone) {
    for (const [id, entry] of this.#replies) {
      if (entry.finished || !isGone(entry)) continue;
      entry.reveal.stop();
      entry.item.remove();
      this.#replies.delete(id);
    }
  }

  /** @param {HTMLElement} item  @param {number} [seq] */
  #place(item, seq = UNSENT) {
    for (const choices of this.#list.querySelectorAll(".choices")) choices.remove();
    this.#orders.set(item, seq);
    let before = null;
    for (let at = this.#list.lastElementChild; at; at = at.previousElementSibling) {
      // What has no number yet (an unsent message, a reply being written) stays below what has one.
      if (at !== this.#typing && this.#orderOf(at) <= seq) break;
      before = at;
    }
    const wasAtEnd = this.#atEnd();
    this.#list.insertBefore(item, before);
    if (wasAtEnd) this.scrollToEnd();
  }

  #orderOf(/** @type {Element} */ item) {
    return this.#orders.get(item) ?? UNSENT;
  }

  #atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  /** Called after growth: a reader near the end is taken along, one who scrolled up is left in peace. */
  follow() {
    // The scroll event comes a frame after the scrolling, so the button alone may not know yet.
    const scrolledUp = this.#scroller.scrollTop < this.#endTop - NEAR_END_PX && !this.#atEnd();
    if (this.#toEnd.hidden && !scrolledUp) this.scrollToEnd();
  }

  #offerEnd() {
    const atEnd = this.#atEnd();
    this.#toEnd.hidden = atEnd;
    if (atEnd) this.#endTop = this.#scroller.scrollTop;
  }
}
