/**
 * Intents: what customers want, by example. Admins change them, all at once; everybody can try what a message would be.
 * Nothing is kept here that the server would not take: it checks the whole list, and says what is wrong with it.
 */

import { ask, css, define, fill, h, toast } from "/design/index.js";
import { get, put } from "../api.js";
import { DeskPage, card, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { guard } from "../page/unsaved.js";
import { session } from "../session.js";
import "./try-intents.js";

/** @typedef {{ name: string, kind: string, examples: string[], about?: string | null }} Intent */
/** @typedef {{ intents: Intent[], is_custom: boolean }} Intents */

const KINDS = [
  { value: "knowledge", label: "Knowledge: answered from articles" },
  { value: "account", label: "Account: answered from the customer's records" },
  { value: "action", label: "Action: something is to be done" },
  { value: "small_talk", label: "Small talk" },
  { value: "hand_off", label: "Hand-off: the customer asks for a person" },
  { value: "unsafe", label: "Unsafe: abuse and attacks" },
  { value: "out_of_scope", label: "Out of scope" },
];

const styles = css`
.both { display: grid; grid-template-columns: minmax(220px, 300px) minmax(0, 1fr); gap: 18px; align-items: start; }
.list { padding: 8px; max-block-size: 620px; overflow: auto; }
.find { padding: 10px 8px 8px; }
button.intent { display: flex; gap: 8px; align-items: baseline; inline-size: 100%; padding: 7px 10px; border-radius: var(--st-radius-s); overflow-wrap: anywhere; }
button.intent:hover { background: var(--st-hover); }
button.intent[aria-current] { background: var(--st-selected); color: var(--st-accent-text); font-weight: 600; }
button.intent .grow { flex: 1; }
.changed { color: var(--st-warn-text); font-size: var(--st-text-xs); font-weight: 600; }
@media (max-width: 1080px) { .both { grid-template-columns: minmax(0, 1fr); } .list { max-block-size: 240px; } }
`;

/** @extends {DeskPage<Intents>} */
export default class DeskSettingsIntents extends DeskPage {
  static styles = [page, styles];

  /** @type {Intent[]} what it would be */
  #draft = [];
  /** @type {Intent | null} */
  #at = null;
  #find = "";
  #fault = "";
  #isSaving = false;
  #list = h("div", { class: "list", role: "group", "aria-label": "Intents" });
  #bar = h("div", { class: "changes", role: "region", "aria-label": "Changes", hidden: true });

  connected() {
    super.connected();
    guard(() => this.#isChanged, this.signal);
  }

  /** @returns {Promise<Intents>} */
  async ask() {
    const answer = /** @type {Intents} */ (await get("/v1/intents"));
    this.#take(answer);
    return answer;
  }

  /** @param {Intents} answer */
  #take({ intents }) {
    const name = this.#at?.name;
    this.#draft = structuredClone(intents);
    this.#at = this.#draft.find((intent) => intent.name === name) ?? this.#draft[0] ?? null;
    this.#fault = "";
  }

  get #isChanged() {
    return this.shown !== null && JSON.stringify(this.#draft) !== JSON.stringify(this.shown.intents);
  }

  /** @param {Intents} shown */
  body({ is_custom: isCustom }) {
    const find = h("st-field", { type: "search", label: "Find an intent", "hide-label": true, placeholder: "Find", icon: "search", value: this.#find });
    find.addEventListener("input", () => {
      this.#find = find.value;
      this.#showList();
    });
    this.#showList();
    this.#showBar();
    return [
      titled("Intents", "What customers want, by example. A message has the intent of the examples that it is nearest to.",
        session.isAdmin && h("st-button", { variant: "primary", icon: "plus", onclick: () => this.#add() }, "Add an intent")),
      card({ title: "Try a message", about: "With the intents in force; what is not saved yet does not count." }, h("desk-try-intents")),
      h("div", { class: "both" },
        h("section", { class: "card flush", "aria-label": "Intents" }, h("div", { class: "find" }, find), this.#list),
        this.#at === null ? null : this.#detail(this.#at)),
      h("p", { class: "small quiet" }, isCustom ? "These are your own intents." : "These are the intents that ship with Steward. Once you change one, the list is your own."),
      this.#bar,
    ];
  }

  #showList() {
    const wanted = this.#find.toLowerCase();
    const found = this.#draft.filter(({ name, examples }) => `${name.replaceAll("_", " ")}\n${name}\n${examples.join("\n")}`.toLowerCase().includes(wanted));
    fill(this.#list, found.length === 0 && h("p", { class: "quiet small" }, "None of these."), found.map((intent) => h("button", {
      type: "button", class: "intent", "aria-current": intent === this.#at ? "true" : null,
      onclick: () => {
        this.#at = intent;
        this.changed();
      },
    }, h("span", { class: "grow" }, intent.name.replaceAll("_", " ")), this.#isNew(intent) && h("span", { class: "changed" }, "changed"), h("span", { class: "num small quiet" }, intent.examples.length))));
  }

  /** @param {Intent} intent */
  #isNew(intent) {
    return !this.shown?.intents.some((before) => JSON.stringify(before) === JSON.stringify(intent));
  }

  /** @param {Intent} intent */
  #detail(intent) {
    const isFixed = !session.isAdmin;
    const change = (/** @type {(field: any) => void} */ take) => (/** @type {Event} */ event) => {
      take(event.currentTarget);
      this.#showList();
      this.#showBar();
    };
    return card({ title: intent.name.replaceAll("_", " ") || "A new intent" }, h("div", { class: "stack" },
      h("st-field", { label: "Name", value: intent.name, disabled: isFixed, spellcheck: "false", hint: "Lower-case letters, digits and _, as reports and the API name it.", oninput: change((field) => (intent.name = field.value.trim())) }),
      h("st-field", { type: "select", label: "Kind", options: KINDS, value: intent.kind, disabled: isFixed, onchange: change((field) => (intent.kind = field.value)) }),
      h("st-field", {
        type: "textarea", rows: 14, label: "Examples, one a line", value: intent.examples.join("\n"), disabled: isFixed,
        hint: "As customers write them, mistakes and all; twenty that differ say more than a hundred alike.",
        oninput: change((field) => (intent.examples = field.value.split("\n").map((/** @type {string} */ line) => line.trim()).filter(Boolean))),
      }),
      isFixed ? h("p", { class: "small quiet" }, "Admins can change this.") : h("div", null, h("st-button", { variant: "danger", size: "s", icon: "trash", onclick: () => void this.#remove(intent) }, "Delete this intent"))));
  }

  #add() {
    this.#at = { name: "", kind: "knowledge", examples: [] };
    this.#draft.unshift(this.#at);
    this.changed();
  }

  /** @param {Intent} intent */
  async #remove(intent) {
    if (intent.name !== "" && !(await ask({ heading: `Delete “${intent.name}”?`, text: "It goes once you save.", confirm: "Delete", danger: true }))) return;
    this.#draft = this.#draft.filter((each) => each !== intent);
    this.#at = this.#draft[0] ?? null;
    this.changed();
  }

  #showBar() {
    this.#bar.hidden = !this.#isChanged;
    fill(this.#bar, h("p", { role: "status" }, this.#fault || "The intents are changed and not saved"),
      h("st-button", {
        onclick: () => {
          if (this.shown !== null) this.#take(this.shown);
          this.changed();
        },
      }, "Drop"),
      h("st-button", { variant: "primary", busy: this.#isSaving, onclick: () => void this.#save() }, "Save"));
  }

  async #save() {
    this.#isSaving = true;
    this.#showBar();
    try {
      const { needs_restart: needsRestart } = (await put("/v1/intents", { intents: this.#draft })) ?? {};
      toast(needsRestart ? "Saved. They hold after the next start of the server" : "Saved, and in force", { kind: "good" });
      await this.reload();
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    } finally {
      this.#isSaving = false;
      this.#showBar();
    }
  }
}

define("desk-settings-intents", DeskSettingsIntents);
