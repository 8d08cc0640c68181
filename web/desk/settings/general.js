/** General settings: who answers, when a person is needed, the line, what counts as knowing, and whatever else the server lets be changed. */

import { define, h } from "/design/index.js";
import { get } from "../api.js";
import { card, titled } from "../page/desk-page.js";
import { settingField } from "./setting-field.js";
import { SettingsPage } from "./settings-page.js";
import { GROUPS, nameOf } from "./words.js";

/** @typedef {import("./draft.js").Draft} Draft */

const ELSEWHERE = ["widget."]; // the page of the appearance
const SUGGESTED = "desk.suggest_intents";

export default class DeskSettingsGeneral extends SettingsPage {
  /** @type {string[]} */
  #intents = [];

  async ask() {
    const [draft, { intents }] = await Promise.all([super.ask(), get("/v1/intents")]);
    this.#intents = intents.map((/** @type {{ name: string }} */ { name }) => name);
    return draft;
  }

  /** @param {Draft} draft */
  fields(draft) {
    const grouped = new Set(GROUPS.flatMap(({ keys }) => keys));
    const others = draft.all.map(({ key }) => key).filter((key) => !grouped.has(key) && !ELSEWHERE.some((prefix) => key.startsWith(prefix)));
    const groups = [...GROUPS, { title: "More", about: "", keys: others }];
    return [
      titled("General", "What is changed here holds at once, and lies over the settings file."),
      ...groups.map(({ title, about, keys }) => {
        const shown = keys.map((key) => this.#field(draft, key)).filter((field) => field !== null);
        return shown.length > 0 && card({ title, about }, shown);
      }),
    ];
  }

  /**
   * @param {Draft} draft
   * @param {string} key
   */
  #field(draft, key) {
    return key === SUGGESTED ? this.#picks(draft) : settingField(draft, key);
  }

  /**
   * The intents that are only suggested, to be picked; shown while that is the mode.
   * @param {Draft} draft
   */
  #picks(draft) {
    const setting = draft.setting(SUGGESTED);
    if (setting === null) return null;
    const isFixed = setting.source === "environment";
    /** @type {Set<string>} */
    const picked = new Set(draft.value(SUGGESTED));
    const names = [...new Set([...this.#intents, ...picked])].sort();
    const pick = (/** @type {string} */ name) => h("label", { class: "pick" }, h("input", {
      type: "checkbox", checked: picked.has(name), disabled: isFixed,
      onchange: (/** @type {Event} */ event) => {
        const { checked } = /** @type {HTMLInputElement} */ (event.currentTarget);
        if (checked) picked.add(name);
        else picked.delete(name);
        draft.set(SUGGESTED, names.filter((at) => picked.has(at)));
      },
    }), name.replaceAll("_", " "));
    const element = h("fieldset", { class: "setting", "data-key": SUGGESTED },
      h("div", { class: "cards" }, h("legend", null, nameOf(SUGGESTED)), h("p", { class: "hint" }, setting.about), h("div", { class: "picks" }, names.map(pick))));
    const show = () => (element.hidden = draft.value("desk.mode") !== "by_intent");
    draft.addEventListener("change", show);
    show();
    return element;
  }
}

define("desk-settings-general", DeskSettingsGeneral);
