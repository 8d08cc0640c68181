/**
 * The conversation as the customer sees it: one list item for each message, reply and event.
 *
 * In: what was said, in any order. Out: items in the order of their sequence numbers, with what is unsent at the end.
 * Scrolls along only while the reader is at the end. Knows nothing of the socket.
 */

import { citationsOf, element } from "./citations.js";
import { Reveal } from "./reveal.js";

const NEAR_END_PX = 60;
const UNSENT = Number.POSITIVE_INFINITY;
const LINK = /https?:\/\/[^\s<>"]+[^\s<>"'.,;:!?)\]]/g;

export class Transcript {
  #scroller;
  #list;
  #toEnd;
  #onEdit;
  #names;
  #orders = new WeakMap(); // item -> sequence number
  #customers = new Map(); // client id -> {item, note}
  #replies = new Map(); // reply id -> {item, text, reveal, interrupted}
  #typing;
  #typingTimer = 0;
  #lastReply = 0; // the highest sequence number of a reply
  #endTop = 0; // where the reader last stood at the end

  /**
   * @param {{scroller: Element, list: Element, toEnd: HTMLButtonElement}} parts
   * @param {{onEdit: (text: string) => void, names: () => {steward: string, agent: string}}} hooks
   */
  constructor({ scroller, list, toEnd }, { onEdit, names }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#toEnd = toEnd;
    this.#onEdit = onEdit;
    this.#names = names;
    this.#typing = element("li", "row steward typing");
    const dots = element("div", "bubble dots");
    dots.setAttribute("role", "img");
    dots.setAttribute("aria-label", "Typing");
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
    this.#lastReply = 0;
    this.#list.replaceChildren();
    this.#offerEnd();
  }

  /** True where nothing has been said since the message with this number. */
  awaitsReplyTo(seq) {
    return seq > this.#lastReply;
  }

  hasCustomer(id) {
    return this.#customers.has(id);
  }

  /** What the customer wrote. `state`: queued | sending | delivered | refused. */
  customer({ id, text, seq = null, state }) {
    const item = element("li", "row customer");
    const bubble = element("div", "bubble");
    writeText(bubble, text);
    const note = element("div", "note");
    item.append(bubble, note);
    this.#customers.set(id, { item, note, text });
    this.#place(item, seq);
    this.setState(id, state, { seq });
    if (state !== "delivered") this.scrollToEnd();
  }

  /** `kept`: the text as the server keeps it, where that differs: what must not be kept is masked. */
  setState(id, state, { seq = null, reason = "", kept = null } = {}) {
    const entry = this.#customers.get(id);
    if (!entry) return;
    const { item, note, text } = entry;
    if (kept !== null && kept !== text) {
      entry.text = kept;
      writeText(item.querySelector(".bubble"), kept);
    }
    item.dataset.state = state;
    if (seq !== null) this.#orders.set(item, seq);
    const words = { queued: "Waiting to send", sending: "Sending…", delivered: "Delivered", refused: reason };
    note.textContent = words[state] ?? "";
    if (state === "refused") {
      const edit = element("button", "link", "Edit and send again");
      edit.type = "button";
      edit.addEventListener("click", () => {
        item.remove();
        this.#customers.delete(id);
        this.#onEdit(text);
      });
      note.append(" ", edit);
    }
    this.#follow();
  }

  /** Everything not yet delivered now waits for a connection. */
  queueUndelivered() {
    for (const [id, { item }] of this.#customers) {
      if (item.dataset.state === "sending") this.setState(id, "queued");
    }
  }

  delta({ reply, text }) {
    if (typeof text !== "string") return;
    const entry = this.#replies.get(reply) ?? this.#beginReply(reply, "steward");
    // After a break some of the text may have passed by unseen: then only the whole reply is right.
    if (entry.interrupted || entry.finished) return;
    this.typing(false);
    entry.reveal.push(text);
  }

  reply({ reply, seq, from, text, citations }) {
    this.typing(false);
    const begun = this.#replies.get(reply);
    const entry = begun ?? this.#beginReply(reply, from, seq);
    entry.finished = true;
    this.#lastReply = Math.max(this.#lastReply, seq);
    this.#orders.set(entry.item, seq);
    const cited = citationsOf(citations);
    const wasAtEnd = this.#atEnd();
    const stand = () => {
      entry.item.classList.remove("interrupted");
      entry.item.removeAttribute("aria-busy");
      writeText(entry.text, text);
      if (cited) entry.item.append(cited);
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

  /** A line about the conversation itself: who joined, that it was handed over, that it ended. */
  status(text, kind, seq = null) {
    const item = element("li", `status ${kind}`, text);
    this.#place(item, seq);
    this.#follow();
  }

  /** @param {boolean} on  @param {number} forMs after which the dots go by themselves */
  typing(on, forMs = 0) {
    clearTimeout(this.#typingTimer);
    if (!on) {
      this.#typing.remove();
      return;
    }
    const wasAtEnd = this.#atEnd();
    if (this.#list.lastElementChild !== this.#typing) this.#list.append(this.#typing);
    if (wasAtEnd) this.scrollToEnd();
    if (forMs > 0) this.#typingTimer = setTimeout(() => this.#typing.remove(), forMs);
  }

  scrollToEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#offerEnd();
  }

  #beginReply(id, from, seq = null) {
    this.#drop((entry) => entry.interrupted);
    const who = from === "agent" ? "agent" : "steward";
    const item = element("li", `row ${who}`);
    item.setAttribute("aria-busy", "true"); // until it stands there whole
    const text = element("div", "bubble");
    item.append(element("div", "sender", this.#names()[who]), text);
    this.#place(item, seq);
    const entry = { item, text, interrupted: false, finished: false, reveal: new Reveal(text, () => this.#follow()) };
    this.#replies.set(id, entry);
    return entry;
  }

  #drop(isGone) {
    for (const [id, entry] of this.#replies) {
      if (entry.finished || !isGone(entry)) continue;
      entry.reveal.stop();
      entry.item.remove();
      this.#replies.delete(id);
    }
  }

  #place(item, seq) {
    const order = seq ?? UNSENT;
    this.#orders.set(item, order);
    let before = null;
    for (let at = this.#list.lastElementChild; at; at = at.previousElementSibling) {
      // What has no number yet (an unsent message, a reply being written) stays below what has one.
      if (at !== this.#typing && this.#orders.get(at) <= order) break;
      before = at;
    }
    const wasAtEnd = this.#atEnd();
    this.#list.insertBefore(item, before);
    if (wasAtEnd) this.scrollToEnd();
  }

  #atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  /** Called after growth: a reader near the end is taken along, one who scrolled up is left in peace. */
  #follow() {
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

/** Plain text into an element: lines that begin with a dash as a list, web addresses as links. */
function writeText(parent, text) {
  const parts = [];
  let afterItem = true; // no line break before the first line, nor after an item, which is a block of its own
  for (const line of text.split("\n")) {
    const [, bullet] = /^[-*•] +(.*)$/.exec(line) ?? [];
    if (bullet !== undefined) {
      const item = element("span", "item");
      item.append("• ", ...withLinks(bullet));
      parts.push(item);
      afterItem = true;
      continue;
    }
    parts.push(afterItem ? "" : "\n", ...withLinks(line));
    afterItem = false;
  }
  parent.replaceChildren(...parts);
}

function withLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = element("a", "", match[0]);
    link.href = match[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    parts.push(text.slice(end, match.index), link);
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}
