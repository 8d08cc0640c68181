/**
 * <desk-keys>: the palette (Ctrl-K or Cmd-K), the sheet of shortcuts (?), and the keys that work everywhere.
 *
 * A view offers its own commands by answering the event `desk-commands`: it pushes into the detail, an array of commands of st-palette.
 * One-letter keys work only outside of fields, and can be switched off in the sheet (WCAG 2.1.4).
 */

import { StElement, css, define, fill, h, isTyping } from "/design/index.js";
import { get } from "../api.js";
import { prefer, preferences } from "../lib/preferences.js";
import { go } from "../routes.js";
import { session } from "../session.js";

/** @import { StDialog, StPalette } from "/design/index.js" */
/** @typedef {import("/design/components/st-palette.js").Command} Command */

const styles = css`
:host { display: contents; }
.groups:focus-visible { outline: none; }
.groups { columns: 2; column-gap: 32px; }
section { break-inside: avoid; margin-block-end: 18px; }
h3 { margin-block-end: 6px; }
dl { display: grid; grid-template-columns: 1fr auto; gap: 5px 14px; align-items: center; }
dt { color: var(--st-quiet); }
dd { display: flex; gap: 4px; }
@media (max-width: 620px) { .groups { columns: 1; } }
`;

/** @type {[string, [string, string[]][]][]} */
const SHEET = [
  ["Everywhere", [["Palette: go anywhere, do anything", ["Ctrl", "K"]], ["Search conversations", ["/"]], ["This sheet", ["?"]], ["To the inbox", ["G", "I"]], ["To mentions", ["G", "M"]], ["To the team", ["G", "T"]]]],
  ["Inbox", [["Next, previous", ["↓", "↑"]], ["Open", ["Enter"]], ["Next, previous from the conversation", ["J", "K"]], ["Back to the list", ["Esc"]]]],
  ["Conversation", [["Take over", ["T"]], ["Write a reply", ["R"]], ["Write a private note", ["N"]], ["Assign", ["Shift", "A"]], ["Snooze", ["Z"]], ["Tags", ["L"]], ["Give back to Steward", ["B"]], ["Put back in line", ["Q"]], ["Summary", ["S"]], ["Close", ["Shift", "C"]]]],
  ["Suggestions", [["Choose one", ["1", "2", "3"]], ["Accept: send it as it is", ["A"]], ["Edit it in the composer", ["E"]], ["Reject", ["X"]], ["Insert its citation", ["I"]], ["Shorter, warmer, another", ["Alt", "S / W / O"]]]],
  ["Composer", [["Send", ["Enter"]], ["New line", ["Shift", "Enter"]], ["Canned replies", ["/"]], ["Mention, in a note", ["@"]], ["Undo send", ["Ctrl", "Z"]], ["Leave the field", ["Esc"]]]],
];

const GO = { i: "/desk", m: "/desk/mentions", t: "/desk/team", s: "/desk/search", o: "/desk/outcomes", k: "/desk/knowledge" };
const CHORD_MS = 1200;

export class DeskKeys extends StElement {
  static styles = [styles];

  #chordAt = 0;
  #palette = /** @type {StPalette} */ (h("st-palette", { commands: () => this.#commands(), find }));
  #sheet = /** @type {StDialog} */ (h("st-dialog", { heading: "Keyboard shortcuts", wide: true }));

  constructor() {
    super();
    this.root.append(this.#palette, this.#sheet);
  }

  connected() {
    const { signal } = this;
    window.addEventListener("keydown", (event) => this.#key(event), { signal });
    window.addEventListener("desk-help", () => this.#help(), { signal });
    window.addEventListener("desk-palette", () => this.#palette.show(), { signal });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (session.now === null) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !event.altKey && key === "k") {
      event.preventDefault();
      this.#palette.show();
      return;
    }
    if (event.defaultPrevented || !preferences().keys || isTyping() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.composedPath().some((node) => node instanceof HTMLDialogElement && node.open)) return;
    const isChord = event.timeStamp - this.#chordAt < CHORD_MS && this.#chordAt > 0;
    this.#chordAt = 0;
    const target = isChord ? Reflect.get(GO, key) : undefined;
    if (target !== undefined) go(target);
    else if (key === "g") this.#chordAt = event.timeStamp;
    else if (event.key === "?") this.#help();
    else if (event.key === "/") go("/desk/search");
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #help() {
    const isMac = navigator.platform.startsWith("Mac");
    const name = (/** @type {string} */ key) => (isMac && key === "Ctrl" ? "⌘" : isMac && key === "Alt" ? "⌥" : key);
    const toggle = h("st-field", { type: "switch", label: "One-letter keys", hint: "Off, only keys with Ctrl or Alt and the arrow keys work.", checked: preferences().keys });
    toggle.addEventListener("change", () => prefer({ keys: toggle.checked }));
    fill(this.#sheet, h("div", { class: "groups", tabIndex: -1, autofocus: true }, SHEET.map(([group, keys]) => h("section", null, h("h3", null, group),
      h("dl", null, keys.map(([what, parts]) => [h("dt", null, what), h("dd", null, parts.map((part) => h("kbd", null, name(part))))]))))), toggle);
    this.#sheet.show();
  }

  #commands() {
    /** @type {Command[]} */
    const commands = [];
    window.dispatchEvent(new CustomEvent("desk-commands", { detail: commands }));
    const to = (/** @type {string} */ path, /** @type {string} */ label, /** @type {string} */ icon, kbd = "") => ({ id: path, label, icon, kbd, group: "Go to", run: () => go(path) });
    return [
      ...commands,
      to("/desk", "Inbox", "inbox", "G I"), to("/desk/mentions", "Mentions", "at", "G M"), to("/desk/search", "Search", "search", "/"), to("/desk/team", "Team", "team", "G T"),
      to("/desk/outcomes", "Outcomes", "chart"), to("/desk/gaps", "Knowledge gaps", "gap"), to("/desk/knowledge", "Knowledge", "book"), to("/desk/settings/general", "Settings", "gear"),
      to("/desk/account", "Your account", "person"),
      { id: "dark", label: "Dark", icon: "moon", group: "Appearance", words: "scheme theme", run: () => prefer({ scheme: "dark" }) },
      { id: "light", label: "Light", icon: "sun", group: "Appearance", words: "scheme theme", run: () => prefer({ scheme: "light" }) },
      { id: "auto", label: "As the system", icon: "eye", group: "Appearance", words: "scheme theme auto", run: () => prefer({ scheme: "auto" }) },
      { id: "help", label: "Keyboard shortcuts", icon: "keyboard", kbd: "?", group: "Help", run: () => this.#help() },
      { id: "out", label: "Sign out", icon: "out", group: "You", run: () => void session.signOut() },
    ];
  }
}

/**
 * Conversations whose words or customer match.
 * @param {string} text
 * @param {AbortSignal} signal
 * @returns {Promise<Command[]>}
 */
async function find(text, signal) {
  const { conversations } = await get("/v1/desk/conversations", { state: "all", q: text, limit: 8 }, { signal });
  return conversations.map((/** @type {any} */ entry) => ({
    id: entry.conversation, label: entry.owner_name ?? "Visitor", hint: entry.preview ?? "", icon: "person", group: "Conversations", run: () => go(`/desk/c/${encodeURIComponent(entry.conversation)}`),
  }));
}

define("desk-keys", DeskKeys);
