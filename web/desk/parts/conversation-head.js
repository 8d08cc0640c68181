/**
 * <conversation-head>: who it is, how it stands, who else looks, and what can be done. `conversation`: a `Conversation`.
 * Fires `act` with what was chosen: take_over, give_back, requeue, close, assign, snooze, tags, download, pane.
 */

import { StElement, css, define, fill, h } from "/design/index.js";
import { until } from "../lib/time.js";
import { customerName, faceOf, intentWords, stateWords } from "../lib/words.js";
import { session } from "../session.js";

/** @import { Conversation } from "../lib/conversation.js" */

const styles = css`
:host { container-type: inline-size; display: block; border-block-end: 1px solid var(--st-line); background: var(--st-surface); }
.bar { display: flex; align-items: center; gap: 11px; padding: 10px 16px 10px 22px; padding-inline: 22px 16px; min-block-size: 60px; }
.words { flex: 1; min-inline-size: 0; }
h2 { font-size: var(--st-text-l); }
.sub { display: flex; align-items: center; gap: 6px; min-block-size: 20px; font-size: var(--st-text-s); color: var(--st-quiet); overflow: hidden; }
.sub > * { flex: none; }
.sub .cut { flex: 0 1 auto; }
.others { display: flex; align-items: center; gap: 5px; color: var(--st-quiet); font-size: var(--st-text-s); }
.others st-avatar { margin-inline-start: -9px; border: 2px solid var(--st-surface); border-radius: 40%; }
.acts { display: flex; align-items: center; gap: 6px; }
.back { display: none; }
@container (max-width: 780px) { .others span { display: none; } .few { display: none; } }
@container (max-width: 560px) { .wide { display: none; } }
@media (max-width: 760px) {
  .bar { padding: 6px 8px; gap: 6px; }
  .back { display: inline-block; }
  .words { display: grid; }
  st-avatar.big { display: none; }
}
`;

export class ConversationHead extends StElement {
  static styles = [styles];

  /** @type {Conversation|null} */
  conversation = null;

  connected() {
    const { conversation, signal } = this;
    conversation?.on("entry", () => this.changed(), signal);
    conversation?.on("line", () => this.changed(), signal);
  }

  render() {
    const { conversation } = this;
    const entry = conversation?.entry;
    if (!conversation || !entry) return;
    const name = customerName(entry);
    const { state, assignee } = conversation.holding;
    const { word, tone } = stateWords(state, assignee, session.name);
    const others = (entry.viewers ?? []).filter((/** @type {any} */ viewer) => viewer.name !== session.name);
    const { isMine } = conversation;
    const menu = h("st-menu", { label: "More", align: "end", items: this.#items(conversation) }, h("st-button", { slot: "trigger", icon: "more", label: "More to do", variant: "quiet" }));
    menu.addEventListener("choose", (/** @type {CustomEvent} */ event) => this.emit("act", event.detail));
    const act = (/** @type {string} */ what) => () => this.emit("act", what);
    fill(this.root, h("div", { class: "bar" },
      h("st-button", { class: "back", icon: "back", label: "Back to the list", variant: "quiet", onclick: act("back") }),
      h("st-avatar", { class: "big", name: faceOf(entry), kind: "customer", size: 38 }),
      h("div", { class: "words" }, h("h2", { class: "cut", "aria-level": matchMedia("(max-width: 760px)").matches ? "1" : null }, name),
        h("div", { class: "sub" }, h("st-badge", { tone, dot: true }, word), entry.signed_in ? h("st-badge", { tone: "good", icon: "check", title: "The shop vouched for who it is" }, "Signed in") : h("st-badge", null, "Visitor"),
          entry.snoozed_until_ms && h("st-badge", { icon: "moon" }, `until ${until(entry.snoozed_until_ms)}`),
          entry.assigned_to && entry.assigned_to !== assignee && h("st-badge", { icon: "person" }, entry.assigned_to === session.name ? "for you" : `for ${entry.assigned_to}`),
          (entry.tags ?? []).slice(0, 3).map((/** @type {string} */ tag) => h("st-badge", null, tag)),
          conversation.line === "waiting" && h("st-badge", { tone: "warn", icon: "wifi_off" }, "reconnecting"),
          entry.intent && h("span", { class: "cut few" }, intentWords(entry.intent)))),
      others.length > 0 && h("div", { class: "others", title: others.map((/** @type {any} */ one) => `${one.name} ${one.doing === "typing" ? "is writing" : "looks at this"}`).join("\n") },
        others.slice(0, 3).map((/** @type {any} */ one) => h("st-avatar", { name: one.name, kind: "agent", size: 28 })), h("span", null, others.length === 1 ? `${others[0].name} ${others[0].doing === "typing" ? "writes" : "looks too"}` : `${others.length} others here`)),
      h("div", { class: "acts" },
        state !== "closed" && !isMine && h("st-button", { variant: "primary", icon: "hand", kbd: "T", onclick: act("take_over") }, "Take over"),
        isMine && h("st-button", { class: "wide", icon: "steward", kbd: "B", onclick: act("give_back") }, "Give back"),
        isMine && h("st-button", { icon: "shut", onclick: act("close") }, "Close"),
        h("st-button", { icon: "person", label: "Customer", variant: "quiet", onclick: act("pane") }), menu)));
  }

  /** @param {Conversation} conversation */
  #items(conversation) {
    const { state } = conversation.holding;
    const { isMine, entry } = conversation;
    const isOpen = state !== "closed";
    return [
      ...(isMine ? [{ id: "give_back", label: "Give back to Steward", icon: "steward", kbd: "B" }, { id: "requeue", label: "Put back in line", icon: "queue", kbd: "Q" }] : []),
      ...(isOpen ? [{ id: "assign", label: "Assign…", icon: "person", kbd: "⇧A" }, { id: "snooze", label: entry.snoozed_until_ms ? "Change the snooze…" : "Snooze…", icon: "moon", kbd: "Z" }] : []),
      { id: "tags", label: "Tags…", icon: "tag", kbd: "L" },
      "-",
      { id: "summary", label: "Summary for hand-off", icon: "file", kbd: "S" },
      { id: "whisper", label: "Whisper to a colleague…", icon: "whisper" },
      { id: "link", label: "Copy the link", icon: "link" },
      { id: "download", label: "Download the transcript", icon: "download" },
      ...(isOpen ? ["-", { id: "close", label: "Close", icon: "shut", kbd: "⇧C", danger: true }] : []),
    ];
  }
}

define("conversation-head", ConversationHead);
