/**
 * /desk/team: for whoever looks after the team: who is here and busy with what, the line, which conversations are at risk, and a whisper to help.
 */

import { StElement, css, define, fill, h, icon, later, toast } from "/design/index.js";
import { get, post } from "../api.js";
import { live } from "../lib/live.js";
import { ago, fullTime, span } from "../lib/time.js";
import { customerName, percent, reasonWords } from "../lib/words.js";
import { session } from "../session.js";
import { entryRow, rowStyles } from "../parts/inbox-row.js";

/** @import { StDialog } from "/design/index.js" */

const styles = css`
:host { display: block; overflow-y: auto; block-size: 100%; padding: 18px 22px 30px; }
.inside { display: grid; gap: 18px; max-inline-size: 1280px; margin-inline: auto; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; }
.tile { padding: 13px 16px; border: 1px solid var(--st-line); border-radius: var(--st-radius-l); background: var(--st-surface); }
.tile .n { font-size: var(--st-text-xxl); font-weight: 680; font-variant-numeric: tabular-nums; line-height: 1.25; }
.tile .n.bad { color: var(--st-bad-text); } .tile .n.warn { color: var(--st-warn-text); }
.tile .what { color: var(--st-quiet); font-size: var(--st-text-s); }
.two { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 18px; align-items: start; }
.card { border: 1px solid var(--st-line); border-radius: var(--st-radius-l); background: var(--st-surface); overflow: hidden; }
.card > h2 { padding: 13px 16px 9px; }
.people { overflow-x: auto; }
table { inline-size: 100%; border-collapse: collapse; }
th { text-align: start; font-size: var(--st-text-xs); font-weight: 620; color: var(--st-quiet); padding: 4px 16px 7px; border-block-end: 1px solid var(--st-line); white-space: nowrap; }
td { padding: 9px 16px; border-block-end: 1px solid var(--st-line); vertical-align: middle; }
tr:last-child td { border: 0; }
td.num, th.num { text-align: end; }
.person { display: flex; gap: 10px; align-items: center; min-inline-size: 130px; }
.person b { font-weight: 600; }
.has { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; max-inline-size: 360px; }
.chip { display: inline-flex; align-items: center; gap: 5px; padding: 2px 8px; border-radius: 7px; background: var(--st-hover); color: inherit; text-decoration: none; font-size: var(--st-text-s); max-inline-size: 170px; }
.chip:hover { background: var(--st-selected); }
.chip.bad { background: var(--st-bad-soft); color: var(--st-bad-text); } .chip.warn { background: var(--st-warn-soft); color: var(--st-warn-text); }
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; border-block-end: 1px solid var(--st-line); }
.row:last-child { border: 0; }
.row a.entry { border: 0; }
.row st-button { margin-inline-end: 10px; }
@media (max-width: 1000px) { .two { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 760px) { :host { padding: 12px; } th, td { padding-inline: 11px; } .wide { display: none; } }
`;

export default class TeamView extends StElement {
  static styles = [styles, rowStyles];

  route = undefined;
  /** @type {any} */
  #team = null;
  /** @type {Map<string, any>} what is known of the conversations that somebody has */
  #entries = new Map();
  #problem = "";
  #soon = later(() => void this.#read(), 400);

  connected() {
    for (const type of ["conversation", "team", "missed", "removed"]) live.on(type, () => this.#soon(), this.signal);
    const timer = window.setInterval(() => void this.#read(), 30_000);
    this.signal.addEventListener("abort", () => {
      clearInterval(timer);
      this.#soon.cancel();
    });
    void this.#read();
  }

  async #read() {
    try {
      const [team, held] = await Promise.all([get("/v1/desk/team", {}, { signal: this.signal }), get("/v1/desk/conversations", { state: "agent", limit: 200 }, { signal: this.signal })]);
      this.#team = team;
      this.#entries = new Map(held.conversations.map((/** @type {any} */ entry) => [entry.conversation, entry]));
      live.count(held.counts ?? {});
      this.#problem = "";
    } catch (problem) {
      if (this.signal.aborted) return;
      this.#problem = /** @type {Error} */ (problem).message;
    }
    this.changed();
  }

  render() {
    if (this.#team === null) {
      fill(this.root, h("h1", null, "Team"), this.#problem ? h("st-empty", { kind: "error", heading: "The team cannot be read", text: this.#problem }, h("st-button", { icon: "refresh", onclick: () => void this.#read() }, "Try again")) : h("st-empty", { kind: "loading" }));
      return;
    }
    const { members, queue, at_risk: atRisk = [] } = this.#team;
    const online = members.filter((/** @type {any} */ member) => member.online).length;
    const longest = queue.longest_wait_ms ?? 0;
    const tile = (/** @type {string|number} */ n, /** @type {string} */ what, tone = "") => h("div", { class: "tile" }, h("div", { class: `n ${tone}` }, n), h("div", { class: "what" }, what));
    const focused = /** @type {HTMLElement|null} */ (this.root.activeElement)?.dataset.id;
    fill(this.root, h("div", { class: "inside" }, h("h1", null, "Team"),
      h("div", { class: "tiles" }, tile(`${online} of ${members.length}`, "people here"), tile(queue.length, "in line for a person", queue.length > 5 ? "warn" : ""),
        tile(queue.length > 0 && longest > 0 ? span(longest) : "—", "longest wait in line", longest > 600_000 ? "bad" : longest > 180_000 ? "warn" : ""), tile(atRisk.length, atRisk.length === 1 ? "conversation at risk" : "conversations at risk", atRisk.length > 0 ? "bad" : "")),
      h("div", { class: "two" },
        h("section", { class: "card" }, h("h2", null, "Who is busy"), this.#people(members)),
        h("section", { class: "card" }, h("h2", null, "At risk now"), atRisk.length === 0 ? h("st-empty", { icon: "check", heading: "No conversation is at risk", text: "The likeliest to escalate appear here as they are judged." }) : atRisk.map((/** @type {any} */ entry) => this.#risk(entry))))));
    if (focused) /** @type {HTMLElement|null} */ (this.root.querySelector(`[data-id="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {any[]} members */
  #people(members) {
    const order = [...members].sort((one, other) => Number(other.online) - Number(one.online) || other.holding.length - one.holding.length || one.name.localeCompare(other.name));
    return h("div", { class: "people", tabIndex: 0, role: "region", "aria-label": "Who is busy" }, h("table", null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Person"), h("th", { scope: "col" }, "Has"), h("th", { scope: "col", class: "num" }, "Waiting"), h("th", { scope: "col", class: "num wide" }, "First response"), h("th", { scope: "col", class: "wide" }, "Last seen"))),
      h("tbody", null, order.map((member) => h("tr", null,
        h("td", null, h("div", { class: "person" }, h("st-avatar", { name: member.name, kind: "agent", size: 32, online: String(member.online) }), h("div", null, h("b", null, member.name === session.name ? `${member.name} (you)` : member.name), h("div", { class: "quiet small" }, member.online ? "here" : "away", member.role === "admin" ? " · admin" : "")))),
        h("td", null, h("div", { class: "has" }, member.holding.length === 0 ? h("span", { class: "quiet" }, "nothing") : [...member.holding.slice(0, 6).map((/** @type {string} */ id) => this.#chip(id)), member.holding.length > 6 && h("span", { class: "quiet small" }, `and ${member.holding.length - 6} more`)])),
        h("td", { class: "num" }, member.waiting > 0 ? h("st-badge", { tone: "warn" }, member.waiting) : "0"),
        h("td", { class: "num wide" }, typeof member.first_response_ms_median === "number" ? span(member.first_response_ms_median) : "—"),
        h("td", { class: "wide" }, h("span", { class: "quiet", title: member.last_seen_ms ? fullTime(member.last_seen_ms) : null }, member.online ? "now" : member.last_seen_ms ? ago(member.last_seen_ms) : "never")))))));
  }

  /** @param {string} id */
  #chip(id) {
    const entry = this.#entries.get(id);
    const risk = entry?.escalation ?? 0;
    const tone = risk >= 0.6 ? "bad" : risk >= 0.35 ? "warn" : "";
    return h("a", { class: `chip ${tone}`, href: `/desk/c/${encodeURIComponent(id)}?state=agent`, title: entry?.preview ?? null }, tone && icon("warn", 12), h("span", { class: "cut" }, entry ? customerName(entry) : "conversation"), tone && h("span", { class: "num" }, percent(risk)));
  }

  /** @param {any} entry */
  #risk(entry) {
    const row = entryRow({ viewers: [], ...entry }, null, { href: `/desk/c/${encodeURIComponent(entry.conversation)}?min_escalation=0.6`, isHere: false, me: session.name });
    const canWhisper = entry.assignee && entry.assignee !== session.name && !entry.assignee.startsWith("key:");
    return h("div", { class: "row" }, row, canWhisper && h("st-button", { size: "s", icon: "whisper", "data-id": entry.conversation, onclick: () => void whisper(entry) }, "Whisper"));
  }
}

/** A word to the one who has it, which the customer and the others do not see. @param {any} entry */
async function whisper(entry) {
  const field = h("st-field", { label: `Only ${entry.assignee} reads this`, type: "textarea", rows: "3", maxlength: "2000" });
  const dialog = /** @type {StDialog} */ (h("st-dialog", { heading: `Whisper to ${entry.assignee}` }));
  dialog.append(h("p", { class: "quiet" }, `${customerName(entry)}: ${entry.escalation === null ? "" : `${percent(entry.escalation)} risk, `}${reasonWords(entry.escalation_reason)}`), field,
    h("st-button", { slot: "footer", variant: "primary", icon: "whisper", onclick: () => (field.value.trim() === "" ? field.focus() : dialog.close(field.value.trim())) }, "Whisper"));
  document.body.append(dialog);
  dialog.show();
  const text = await new Promise((resolve) => dialog.addEventListener("close", (event) => resolve(/** @type {CustomEvent} */ (event).detail)));
  dialog.remove();
  if (typeof text !== "string") return;
  try {
    await post(`/v1/conversations/${encodeURIComponent(entry.conversation)}/notes`, { id: crypto.randomUUID(), text, whisper_to: entry.assignee });
    toast(`${entry.assignee} has your whisper.`, { kind: "good" });
  } catch (problem) {
    toast(`It was not whispered: ${/** @type {Error} */ (problem).message}`, { kind: "bad" });
  }
}

define("desk-team", TeamView);
