/**
 * The rows of a conversation: messages, notes, events, days, a reply that is being written, what is not yet sent.
 */

import { css, fill, h, icon, toneOfRisk } from "/design/index.js";
import { clockTime, dayName, fullTime } from "../lib/time.js";
import { eventWords, fileSize, percent, readable } from "../lib/words.js";

/** @import { Message, Note, Row } from "../lib/timeline.js" */

export const messageStyles = css`
.day { display: flex; align-items: center; gap: 12px; padding: 14px 22px 6px; color: var(--st-quiet); font-size: var(--st-text-xs); font-weight: 650; }
.day::before, .day::after { content: ""; flex: 1; block-size: 1px; background: var(--st-line); }
.event { padding: 8px 22px; color: var(--st-quiet); font-size: var(--st-text-s); text-align: center; }
.msg { display: grid; grid-template-columns: 30px minmax(0, 1fr); gap: 0 9px; padding: 2px 22px; justify-items: start; }
.msg.first { padding-block-start: 12px; }
.msg.ours { grid-template-columns: minmax(0, 1fr) 30px; justify-items: end; }
.msg .who { grid-column: 2; display: flex; gap: 7px; align-items: baseline; font-size: var(--st-text-xs); color: var(--st-quiet); margin-block-end: 3px; }
.who time, .event { unicode-bidi: plaintext; }
.msg .who b { color: var(--st-text); font-weight: 620; }
.msg.ours .who { grid-column: 1; }
.msg st-avatar { grid-column: 1; grid-row: 2; align-self: start; }
.msg.ours st-avatar { grid-column: 2; }
.msg .side { grid-column: 2; grid-row: 2; display: grid; gap: 4px; justify-items: start; max-inline-size: min(100%, 620px); min-inline-size: 0; }
.msg.ours .side { grid-column: 1; justify-items: end; }
.bubble { padding: 8px 12px; border-radius: 13px; background: var(--st-raised); border: 1px solid var(--st-line); white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; max-inline-size: 100%; }
.msg.ours .bubble { background: var(--st-accent-soft); border-color: transparent; }
.msg.steward .bubble { background: var(--st-surface); border-color: var(--st-line); }
.bubble mark { background: none; color: inherit; text-decoration: underline 2px var(--st-bad); text-underline-offset: 3px; font-weight: 620; }
.msg.found .bubble { outline: 2px solid var(--st-accent); outline-offset: 1px; }
.under { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; font-size: var(--st-text-xs); color: var(--st-quiet); }
.msg.ours .under { justify-content: end; }
.mood { display: inline-flex; align-items: center; gap: 5px; min-block-size: 24px; padding: 0 8px; border-radius: 12px; font-size: var(--st-text-xs); font-weight: 600; color: var(--st-quiet); }
.mood:hover { background: var(--st-hover); }
.mood .dot { inline-size: 8px; block-size: 8px; border-radius: 50%; background: var(--st-good); }
.mood.warn { color: var(--st-warn-text); background: var(--st-warn-soft); } .mood.warn .dot { background: var(--st-warn); }
.mood.bad { color: var(--st-bad-text); background: var(--st-bad-soft); } .mood.bad .dot { background: var(--st-bad); }
.why { padding: 9px 12px; border: 1px solid var(--st-line); border-radius: var(--st-radius); font-size: var(--st-text-s); max-inline-size: 460px; background: var(--st-surface); }
.why ul { list-style: disc; padding-inline-start: 17px; }
.why .undo { margin-inline-start: -8px; }
.why .row { display: flex; gap: 18px; justify-content: space-between; }
details.cites { font-size: var(--st-text-s); max-inline-size: 100%; }
details.cites summary { display: inline-flex; gap: 5px; align-items: center; cursor: pointer; list-style: none; color: var(--st-quiet); border-radius: 5px; padding: 2px 4px; }
details.cites summary::-webkit-details-marker { display: none; }
details.cites summary:hover { color: var(--st-text); background: var(--st-hover); }
details.cites blockquote { margin: 4px 0; padding: 6px 10px; border-inline-start: 3px solid var(--st-accent); background: var(--st-raised); border-radius: 0 6px 6px 0; overflow-wrap: anywhere; }
.files { display: flex; flex-wrap: wrap; gap: 6px; }
.file { display: inline-flex; align-items: center; gap: 8px; padding: 7px 11px; border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-surface); color: var(--st-text); text-decoration: none; max-inline-size: 280px; font-size: var(--st-text-s); }
.file:hover { background: var(--st-hover); }
.file img { display: block; max-inline-size: 240px; max-block-size: 180px; border-radius: 6px; object-fit: cover; }
.file.picture { flex-direction: column; align-items: start; padding: 5px; gap: 4px; }
.note { margin: 8px 22px; padding: 9px 13px; border: 1px solid var(--st-note-line); border-radius: var(--st-radius); background: var(--st-note-soft); }
.note .who { display: flex; gap: 7px; align-items: center; font-size: var(--st-text-xs); color: var(--st-note-text); margin-block-end: 3px; }
.note p { white-space: pre-wrap; overflow-wrap: anywhere; }
.note .at { color: var(--st-accent-text); font-weight: 640; }
.unsent .bubble { border: 1px dashed var(--st-control); background: var(--st-surface); }
.unsent.bad .bubble { border-color: var(--st-bad); }
.unsent .under.bad { color: var(--st-bad-text); }
.undo { color: var(--st-accent-text); font-weight: 650; padding: 3px 8px; border-radius: 6px; }
.undo:hover { background: var(--st-hover); }
.ring { inline-size: 14px; block-size: 14px; border-radius: 50%; background: conic-gradient(var(--st-accent) var(--done, 0%), var(--st-line) 0); }
.typing { display: inline-flex; gap: 4px; padding: 12px; }
.typing i { inline-size: 6px; block-size: 6px; border-radius: 50%; background: var(--st-quiet); animation: beat 1.2s infinite; }
.typing i:nth-child(2) { animation-delay: .2s; } .typing i:nth-child(3) { animation-delay: .4s; }
@keyframes beat { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { .typing i { animation: none; } }
@media (max-width: 760px) { .msg, .day, .event { padding-inline: 12px; } .note { margin-inline: 12px; } }
`;

/** Words that moved a probability by less than this are not named. */
const LEAST_CAUSE = 0.05;

/**
 * @typedef {{name: string, face: string, me: string, markOf: (seq: number) => any, isOpen: (seq: number) => boolean, detail: (seq: number) => any, found: number|null, isMember: (name: string) => boolean}} Reading
 * @typedef {{toggle: (seq: number) => void, undo: (id: string) => void, retry: (id: string) => void, edit: (id: string) => void, label: (seq: number, from: HTMLElement) => void}} Acts
 */

/**
 * @param {Row} row
 * @param {Reading} reading
 * @param {Acts} acts
 * @returns {HTMLElement}
 */
export function timelineRow(row, reading, acts) {
  switch (row.kind) {
    case "day": return h("div", { class: "day" }, dayName(row.at));
    case "event": return h("div", { class: "event" }, eventWords(row.message?.text ?? "", row.message?.agent), " · ", h("time", { title: fullTime(row.at) }, clockTime(row.at)));
    case "note": return noteRow(/** @type {Note} */ (row.note), reading);
    case "draft": return draftRow(row.text ?? "");
    case "unsent": return unsentRow(row, acts);
    default: return messageRow(row, /** @type {Message} */ (row.message), reading, acts);
  }
}

/** @param {Row} row @param {Message} message @param {Reading} reading @param {Acts} acts */
function messageRow(row, message, reading, acts) {
  const { from } = message;
  const isOurs = from !== "customer";
  const name = from === "customer" ? reading.name : from === "steward" ? "Steward" : message.agent ?? "Team";
  const classes = `msg ${from} ${isOurs ? "ours" : ""} ${row.isFirst ? "first" : ""} ${reading.found === message.seq ? "found" : ""}`;
  const mark = from === "customer" ? reading.markOf(message.seq) : undefined;
  const isOpen = mark !== undefined && reading.isOpen(message.seq);
  return h("div", { class: classes },
    row.isFirst ? h("div", { class: "who" }, h("b", null, name === reading.me ? "You" : name), h("time", { title: fullTime(row.at) }, clockTime(row.at))) : h("span", { class: "sr who" }, name),
    row.isFirst && h("st-avatar", { name: from === "customer" ? reading.face : name, kind: from, size: 30 }),
    h("div", { class: "side" },
      message.text !== "" && h("div", { class: "bubble", dir: "auto", title: row.isFirst ? null : fullTime(row.at) }, isOpen ? withMarks(message.text, reading.detail(message.seq)) : message.text),
      message.files?.length > 0 && h("div", { class: "files" }, message.files.map(fileLink)),
      message.citations?.length > 0 && citations(message.citations),
      mark !== undefined && moodMark(message.seq, mark, isOpen, acts), isOpen && why(message.seq, reading.detail(message.seq) ?? mark, acts),
      row.status === "read" && h("div", { class: "under" }, icon("check", 13), "Read")));
}

/** @param {any} file */
function fileLink(file) {
  const href = `/v1/files/${encodeURIComponent(file.id)}`;
  const isPicture = /^image\/(png|jpeg|gif|webp)$/.test(file.type);
  return h("a", { class: `file ${isPicture ? "picture" : ""}`, href, target: "_blank", rel: "noopener", download: isPicture ? null : file.name },
    isPicture ? h("img", { src: href, alt: file.name, loading: "lazy" }) : icon("file", 20), h("span", { class: "cut" }, file.name, h("span", { class: "quiet" }, ` · ${fileSize(file.bytes)}`)));
}

/** @param {any[]} list */
function citations(list) {
  const words = list.length === 1 ? list[0].title : `${list.length} sources`;
  return h("details", { class: "cites" }, h("summary", null, icon("quote", 14), words),
    list.map(({ title, quote }) => h("blockquote", { dir: "auto" }, list.length > 1 && h("b", null, `${title}: `), quote)));
}

/** How bad it stands. @param {any} mark a judgement */
const toneOf = (mark) => toneOfRisk(Math.max(mark.escalation.probability, mark.satisfaction.dissatisfied - 0.1));

/** What moved a judgement is worth a word only where the judgement is. @param {any} mark */
const isNotable = (mark) => Boolean(mark) && toneOf(mark) !== "good";

/** @param {number} seq @param {any} mark @param {boolean} isOpen @param {Acts} acts */
function moodMark(seq, mark, isOpen, acts) {
  const risk = mark.escalation.probability;
  const tone = toneOf(mark);
  const feeling = readable(mark.sentiment.emotion);
  const words = tone === "good" ? feeling : `${feeling} · risk ${percent(risk)}`;
  return h("button", { class: `mood ${tone}`, type: "button", "aria-expanded": String(isOpen), title: "Why this is so", onclick: () => acts.toggle(seq) }, h("span", { class: "dot" }), words, icon(isOpen ? "up" : "down", 12));
}

/** @param {number} seq @param {any} mark @param {Acts} acts */
function why(seq, mark, acts) {
  const lines = reasonsOf(mark);
  return h("div", { class: "why" },
    h("div", { class: "row" }, "Satisfied", h("b", { class: "num" }, percent(1 - mark.satisfaction.dissatisfied))),
    h("div", { class: "row" }, "Risk that it escalates", h("b", { class: "num" }, percent(mark.escalation.probability))),
    lines.length > 0 && h("ul", null, lines.map((line) => h("li", null, line))),
    h("button", { type: "button", class: "undo", onclick: (/** @type {Event} */ event) => acts.label(seq, /** @type {HTMLElement} */ (event.currentTarget)) }, "Not so? Correct it"));
}

/**
 * Why a message was judged so, in sentences.
 * @param {any} mark a judgement
 * @returns {string[]}
 */
export function reasonsOf(mark) {
  const lines = [`Feels ${readable(mark.sentiment.emotion).toLocaleLowerCase()} (${percent(mark.sentiment.probability)})`];
  if (mark.escalation.probability >= 0.2) lines.push(`Likeliest reason: ${readable(mark.escalation.reason).toLocaleLowerCase()} (${percent(mark.escalation.reason_probability)})`);
  const causes = (mark.causes ?? []).filter((/** @type {any} */ cause) => cause.text && Math.abs(cause.by) >= LEAST_CAUSE && isNotable(mark));
  for (const { moved, by, text } of causes.slice(0, 4)) {
    const what = moved === "escalation" ? "the risk" : "dissatisfaction";
    const quote = text.length > 70 ? `${text.slice(0, 68)}…` : text;
    lines.push(`“${quote}” ${by > 0 ? "raises" : "lowers"} ${what} by ${Math.round(Math.abs(by) * 100)} points`);
  }
  return lines;
}

/** The words that moved it, marked. @param {string} text @param {any} mark */
function withMarks(text, mark) {
  const letters = [...text];
  const spans = (isNotable(mark) ? mark.causes ?? [] : []).filter((/** @type {any} */ cause) => cause.by >= LEAST_CAUSE && Number.isInteger(cause.start) && cause.end > cause.start && letters.slice(cause.start, cause.end).join("") === cause.text && cause.end - cause.start < letters.length)
    .sort((/** @type {any} */ one, /** @type {any} */ other) => one.start - other.start);
  const parts = [];
  let at = 0;
  for (const { start, end } of spans) {
    if (start < at) continue;
    parts.push(letters.slice(at, start).join(""), h("mark", null, letters.slice(start, end).join("")));
    at = end;
  }
  parts.push(letters.slice(at).join(""));
  return parts;
}

/** @param {Note} note @param {Reading} reading */
function noteRow(note, reading) {
  const parts = note.text.split(/(@[\w.+@-]+)/);
  return h("div", { class: "note" },
    h("div", { class: "who" }, icon(note.whisper_to ? "whisper" : "note", 14), h("b", null, note.author === reading.me ? "You" : note.author),
      note.whisper_to ? `whispers to ${note.whisper_to === reading.me ? "you" : note.whisper_to}` : "private note", h("time", { title: fullTime(note.at_ms) }, clockTime(note.at_ms))),
    h("p", { dir: "auto" }, parts.map((part) => (part.startsWith("@") && note.mentions.some((name) => part.toLowerCase().startsWith(`@${name.toLowerCase()}`)) ? h("span", { class: "at" }, part) : part))));
}

/** @param {string} text */
function draftRow(text) {
  return h("div", { class: "msg steward ours first", "aria-busy": "true" }, h("div", { class: "who" }, h("b", null, "Steward"), "writes…"), h("st-avatar", { kind: "steward", size: 30 }),
    h("div", { class: "side" }, h("div", { class: "bubble", dir: "auto" }, text)));
}

/** @param {Row} row @param {Acts} acts */
function unsentRow(row, acts) {
  const { id, text, files } = row.unsent;
  const isHeld = row.status === "held";
  const isBad = row.status === "refused";
  const ring = h("span", { class: "ring" });
  const under = h("div", { class: `under ${isBad ? "bad" : ""}` });
  if (isHeld) {
    const left = h("span", null, "Sending…");
    fill(under, ring, left, h("button", { class: "undo", type: "button", onclick: () => acts.undo(id) }, "Undo"));
    const tick = () => {
      const ms = row.unsent.dueMs - Date.now();
      ring.style.setProperty("--done", `${Math.round(Math.max(0, ms) / 50)}%`);
      left.textContent = ms > 0 ? `Sends in ${Math.ceil(ms / 1000)} s` : "Sending…";
      if (ms > 0 && (ring.isConnected || ms > 4800)) window.setTimeout(tick, 200);
    };
    tick();
  } else if (isBad) {
    fill(under, icon("warn", 14), `Not sent: ${row.reason}`, h("button", { class: "undo", type: "button", onclick: () => acts.retry(id) }, "Send again"), h("button", { class: "undo", type: "button", onclick: () => acts.edit(id) }, "Edit"));
  } else {
    fill(under, "Sending…");
  }
  return h("div", { class: `msg ours agent unsent first ${isBad ? "bad" : ""}` }, h("span"), h("div", { class: "side" },
    h("div", { class: "bubble", dir: "auto" }, text, files.length > 0 && h("span", { class: "quiet" }, ` (${files.length} file${files.length === 1 ? "" : "s"})`)), under));
}
