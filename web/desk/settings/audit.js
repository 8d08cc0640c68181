/** The audit log: who of the company did what, to what, when. It is read only; each entry holds the hash of the one before. For admins. */

import { css, define, h } from "/design/index.js";
import { get } from "../api.js";
import { DeskPage, card, nothing, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { timed } from "../page/times.js";

/** @typedef {{ seq: number, at_ms: number, actor: string, action: string, subject: string, hash: string }} Entry */

const FIRST = 200;
const MOST = 1000; // in one answer
const CONVERSATION = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}$/;

const styles = css`
.filters { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 10px; padding: 0 20px 12px; }
td.subject { max-inline-size: 340px; overflow-wrap: anywhere; }
.more { padding: 12px 20px 16px; }
`;

/** @extends {DeskPage<Entry[]>} */
export default class DeskSettingsAudit extends DeskPage {
  static styles = [page, styles];

  #limit = FIRST;
  #actor = "";
  #action = "";

  /** @returns {Promise<Entry[]>} */
  async ask() {
    const answer = await get("/v1/audit", { limit: this.#limit });
    return answer.entries;
  }

  /** @param {Entry[]} entries */
  body(entries) {
    const listed = entries.filter(({ actor, action }) => (this.#actor === "" || actor === this.#actor) && (this.#action === "" || action === this.#action));
    const head = entries[0];
    return [
      titled("Audit log", "What people of the company did. Entries are never changed: each holds the hash of the one before it."),
      card({ title: "Entries", class: entries.length > 0 ? "flush" : "", about: head && ["The newest is ", h("code", null, `${head.seq}:${head.hash.slice(0, 12)}…`), ". ", h("code", null, "steward audit verify"), " checks the whole log."] },
        entries.length === 0 ? nothing("file", "Nothing was noted yet") : [
          h("div", { class: "filters" },
            this.#filter("Who", entries.map(({ actor }) => actor), this.#actor, personOf, (value) => (this.#actor = value)),
            this.#filter("What", entries.map(({ action }) => action), this.#action, wordsOf, (value) => (this.#action = value))),
          listed.length === 0 ? nothing("filter", "None of these") : table(listed),
          entries.length >= this.#limit && this.#limit < MOST && h("div", { class: "more" }, h("st-button", { onclick: () => this.#more() }, "Show older entries")),
        ]),
    ];
  }

  #more() {
    this.#limit = MOST;
    return this.reload();
  }

  /**
   * @param {string} label
   * @param {string[]} values
   * @param {string} value
   * @param {(value: string) => string} words
   * @param {(value: string) => void} set
   */
  #filter(label, values, value, words, set) {
    const options = [{ value: "", label: "All" }, ...[...new Set(values)].sort().map((each) => ({ value: each, label: words(each) }))];
    const field = h("st-field", { type: "select", label, options, value });
    field.addEventListener("change", () => {
      set(field.value);
      this.changed();
    });
    return field;
  }
}

/** @param {Entry[]} entries */
function table(entries) {
  return h("div", { class: "scroll" }, h("table", null,
    h("thead", null, h("tr", null, ["When", "Who", "What", "To what", "Number"].map((head, index) => h("th", { scope: "col", class: index === 4 ? "figure" : "" }, head)))),
    h("tbody", null, entries.map(({ seq, at_ms, actor, action, subject }) => h("tr", null,
      h("td", null, timed(at_ms)), h("td", null, personOf(actor)), h("td", null, wordsOf(action)),
      h("td", { class: "subject small" }, CONVERSATION.test(subject) ? h("a", { href: `/desk/c/${subject}` }, subject) : subject || h("span", { class: "quiet" }, "–")),
      h("td", { class: "figure quiet" }, seq))))));
}

/** @param {string} actor */
function personOf(actor) {
  if (actor === "operator") return "At the terminal";
  return actor === "steward" ? "Steward itself" : actor.replace(/^agent:/, "");
}

/** @param {string} action */
function wordsOf(action) {
  const words = action.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

define("desk-settings-audit", DeskSettingsAudit);
