/**
 * The course of a conversation as rows: days, messages, events, notes, a reply being written, and what the agent has not yet sent.
 *
 * A row whose content is as before is the same object as before, so that a list shows it again only where something changed.
 */

import { dayKey } from "./time.js";

/**
 * @typedef {{seq: number, from: "customer"|"steward"|"agent"|"event", id: string, text: string, citations: any[], decision: string|null, agent: string|null, at_ms: number, files: any[]}} Message
 * @typedef {{id: string, conversation: string, author: string, text: string, mentions: string[], whisper_to: string|null, at_ms: number, after_seq: number}} Note
 * @typedef {{key: string, kind: "day"|"message"|"event"|"note"|"draft"|"unsent", isFirst: boolean, at: number, message?: Message, note?: Note, text?: string, unsent?: any, status?: string, reason?: string}} Row
 */

const TOGETHER_MS = 5 * 60_000;

export class Timeline {
  /** @type {Map<string, {signature: string, row: Row}>} */
  #rows = new Map();

  /**
   * @param {{messages: Message[], notes: Note[], drafts: Map<string, string>, unsent: {item: any, status: string, reason: string}[], marks: Map<number, unknown>, read: number}} parts
   * messages and notes in order
   * @returns {Row[]}
   */
  build({ messages, notes, drafts, unsent, marks, read }) {
    /** @type {Row[]} */
    const rows = [];
    const before = this.#rows;
    this.#rows = new Map();
    let lastDay = "";
    /** @type {Row|null} */
    let last = null;
    const put = (/** @type {Row} */ row, /** @type {string} */ signature) => {
      const known = before.get(row.key);
      const kept = known !== undefined && known.signature === signature ? known.row : row;
      this.#rows.set(row.key, { signature, row: kept });
      rows.push(kept);
      last = kept;
    };
    const day = (/** @type {number} */ at) => {
      const key = dayKey(at);
      if (key === lastDay) return;
      lastDay = key;
      put({ key: `d:${key}`, kind: "day", isFirst: true, at }, key);
    };
    let nextNote = 0;
    const putNotes = (/** @type {number} */ through) => {
      while (nextNote < notes.length && notes[nextNote].after_seq <= through) {
        const note = notes[nextNote];
        nextNote += 1;
        day(note.at_ms);
        put({ key: `n:${note.id}`, kind: "note", isFirst: true, at: note.at_ms, note }, "note");
      }
    };
    // Notes that stand before the first message that is loaded come with it.
    const firstSeq = messages[0]?.seq ?? 0;
    while (nextNote < notes.length && notes[nextNote].after_seq < firstSeq - 1) nextNote += 1;
    if (firstSeq === 1) putNotes(0);
    const lastOwn = messages.findLast(({ from, seq }) => from !== "customer" && from !== "event" && seq <= read)?.seq ?? 0;
    for (const message of messages) {
      day(message.at_ms);
      const kind = message.from === "event" ? "event" : "message";
      const isFirst = !isTogether(last, message);
      const key = `m:${message.seq}`;
      const isRead = message.seq === lastOwn;
      put({ key, kind, isFirst, at: message.at_ms, message, status: isRead ? "read" : "" }, `${isFirst}|${message.text.length}|${marks.has(message.seq)}|${isRead}`);
      putNotes(message.seq);
    }
    putNotes(Number.POSITIVE_INFINITY);
    for (const [id, text] of drafts) put({ key: `r:${id}`, kind: "draft", isFirst: true, at: 0, text }, `${text.length}`);
    for (const { item, status, reason } of unsent) put({ key: `u:${item.id}`, kind: "unsent", isFirst: true, at: item.atMs, unsent: item, status, reason }, `${status}|${reason}`);
    return rows;
  }
}

/**
 * @param {Row|null} last
 * @param {Message} message
 */
function isTogether(last, message) {
  const before = last?.kind === "message" ? last.message : undefined;
  return before !== undefined && before.from === message.from && before.agent === message.agent && message.at_ms - before.at_ms < TOGETHER_MS;
}
