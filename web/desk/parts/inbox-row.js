/**
 * One conversation as the inbox, the team's view and a customer's past show it: who, since when, the last words, how urgent and why.
 */

import { css, fill, h, icon, toneOfRisk } from "/design/index.js";
import { ago, fullTime, span, until } from "../lib/time.js";
import { customerName, faceOf, intentWords, percent, reasonWords, stateWords } from "../lib/words.js";

export const rowStyles = css`
a.entry {
  position: relative; display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 2px 11px; padding: 11px 14px 11px 15px; padding-inline: 15px 14px; color: inherit; text-decoration: none;
  border-block-end: 1px solid var(--st-line);
}
a.entry:hover { background: var(--st-hover); }
a.entry[aria-current="true"] { background: var(--st-selected); }
a.entry:focus-visible { outline-offset: -2px; border-radius: 0; }
a.entry::before { content: ""; position: absolute; inset-block: 8px; inset-inline-start: 0; inline-size: 3px; border-radius: 0 3px 3px 0; background: transparent; }
a.entry.bad::before { background: var(--st-bad); }
a.entry.warn::before { background: var(--st-warn); }
.entry st-avatar { grid-row: span 3; margin-block-start: 2px; }
.entry .line { display: flex; align-items: center; gap: 6px; min-inline-size: 0; }
.entry .name { flex: 1; min-inline-size: 0; font-weight: 560; }
.entry.waits .name { font-weight: 700; }
.entry .time { color: var(--st-quiet); font-size: var(--st-text-xs); font-variant-numeric: tabular-nums; white-space: nowrap; unicode-bidi: plaintext; }
.entry .time.late { color: var(--st-bad-text); font-weight: 650; }
.entry .words { color: var(--st-quiet); font-size: var(--st-text-s); }
.entry.waits .words { color: var(--st-text); }
.entry .marks { gap: 5px; margin-block-start: 3px; block-size: 20px; overflow: hidden; }
.entry .marks > * { flex: none; }
.entry .why { flex: 0 1 auto; min-inline-size: 0; font-size: var(--st-text-xs); color: var(--st-quiet); }
.entry .risk { display: inline-flex; align-items: center; gap: 4px; font-size: var(--st-text-xs); font-weight: 650; font-variant-numeric: tabular-nums; }
.entry .risk.bad { color: var(--st-bad-text); }
.entry .risk.warn { color: var(--st-warn-text); }
.entry .risk.good { color: var(--st-quiet); font-weight: 500; }
.entry .end { margin-inline-start: auto; display: flex; gap: 4px; align-items: center; color: var(--st-quiet); font-size: var(--st-text-xs); }
.entry .mention { display: inline-grid; place-items: center; min-inline-size: 18px; block-size: 18px; padding: 0 5px; border-radius: 9px; background: var(--st-accent); color: var(--st-on-accent); font-size: .6875rem; font-weight: 700; }
`;

const LATE_MS = 5 * 60_000;

/**
 * @param {any} entry
 * @param {HTMLElement|null} old
 * @param {{href: string, isHere: boolean, me: string}} place
 * @returns {HTMLElement}
 */
export function entryRow(entry, old, { href, isHere, me }) {
  const row = old instanceof HTMLAnchorElement ? old : h("a");
  const name = customerName(entry);
  const risk = entry.escalation;
  const tone = risk === null || risk === undefined || entry.state === "closed" ? "good" : toneOfRisk(risk);
  // Whoever is in line waits, though nothing of theirs is unanswered.
  const waitsSince = entry.waiting_since_ms ?? (entry.state === "queued" ? entry.since_ms : null);
  const waits = entry.customer_waits || entry.state === "queued";
  const waitedMs = typeof waitsSince === "number" ? Date.now() - waitsSince : 0;
  row.className = `entry ${tone} ${waits ? "waits" : ""}`;
  row.href = href;
  if (isHere) row.setAttribute("aria-current", "true");
  else row.removeAttribute("aria-current");
  const others = (entry.viewers ?? []).filter((/** @type {any} */ viewer) => viewer.name !== me);
  const time = waits && waitedMs > 0
    ? h("span", { class: `time ${waitedMs > LATE_MS ? "late" : ""}`, title: `waits since ${fullTime(waitsSince)}` }, h("span", { class: "sr" }, "waits "), span(waitedMs))
    : h("span", { class: "time", title: fullTime(entry.last_ms) }, ago(entry.last_ms));
  fill(row, h("st-avatar", { name: faceOf(entry), kind: "customer", size: 36 }),
    h("div", { class: "line" }, h("span", { class: "name cut" }, name), entry.unread_mentions > 0 && h("span", { class: "mention", title: "You are mentioned" }, "@"), time),
    h("div", { class: "words cut", dir: "auto" }, entry.preview_from && entry.preview_from !== "customer" && h("span", null, entry.preview_from === "steward" ? "Steward: " : "Team: "), entry.preview || "—"),
    h("div", { class: "line marks" }, riskMark(entry, tone), whyMark(entry, tone), stateMark(entry, me), entry.tags?.slice(0, 2).map((/** @type {string} */ tag) => h("st-badge", null, tag)),
      others.length > 0 && h("span", { class: "end", title: others.map((/** @type {any} */ viewer) => `${viewer.name} ${viewer.doing === "typing" ? "writes" : "looks"}`).join(", ") },
        icon(others.some((/** @type {any} */ viewer) => viewer.doing === "typing") ? "pen" : "eye", 13), h("span", null, others[0].name))));
  return row;
}

/** @param {any} entry @param {string} tone */
function riskMark(entry, tone) {
  if (entry.escalation === null || entry.escalation === undefined || entry.state === "closed") return null;
  return h("span", { class: `risk ${tone}` }, tone !== "good" && icon("warn", 13), h("span", { class: "sr" }, "risk "), percent(entry.escalation));
}

/** @param {any} entry @param {string} tone */
function whyMark(entry, tone) {
  const words = tone !== "good" && entry.escalation_reason ? reasonWords(entry.escalation_reason) : intentWords(entry.intent);
  return words ? h("span", { class: "why cut" }, words) : null;
}

/** @param {any} entry @param {string} me */
function stateMark(entry, me) {
  if (entry.snoozed_until_ms) return h("st-badge", { icon: "moon" }, until(entry.snoozed_until_ms));
  if (entry.state === "agent") {
    const { word, tone } = stateWords(entry.state, entry.assignee, me);
    return h("st-badge", { tone }, word);
  }
  if (entry.assigned_to) return h("st-badge", { tone: entry.assigned_to === me ? "good" : "neutral", icon: "person" }, entry.assigned_to === me ? "for you" : entry.assigned_to);
  if (entry.waited_out) return h("st-badge", { tone: "warn" }, "nobody came");
  if (entry.state === "closed") return h("st-badge", null, "Closed");
  return entry.state === "bot" ? h("st-badge", { tone: "accent", icon: "steward" }, "Steward") : null;
}
