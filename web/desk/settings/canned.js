/** Canned replies: what the team writes often, with a shortcut and variables. Everybody of the team may change them. */

import { ask, css, define, h, toast } from "/design/index.js";
import { del, get, post, put } from "../api.js";
import { DeskPage, card, nothing, titled } from "../page/desk-page.js";
import { formDialog } from "../page/form-dialog.js";
import { page } from "../page/sheet.js";
import { timed } from "../page/times.js";

/** @typedef {{ id: string, shortcut: string, title: string, text: string, updated_ms: number, by: string }} Canned */

const VARIABLES = [
  ["customer.name", "the customer's name"],
  ["agent.name", "your name"],
  ["conversation.id", "the number of the conversation"],
  ["order.id", "of the customer's newest order; any kind of record and any field of it works so"],
];

const styles = css`
.replies { display: grid; gap: 10px; }
.reply { display: grid; grid-template-columns: 1fr auto; gap: 4px 14px; padding: 14px 16px; border: 1px solid var(--st-line); border-radius: var(--st-radius); }
.reply p { grid-column: 1; white-space: pre-wrap; overflow-wrap: anywhere; }
.reply .actions { grid-column: 2; grid-row: 1 / span 3; align-self: start; flex-wrap: nowrap; }
mark { padding: 0 3px; border-radius: 4px; background: var(--st-accent-soft); color: var(--st-accent-text); }
`;

/** @extends {DeskPage<Canned[]>} */
export default class DeskSettingsCanned extends DeskPage {
  static styles = [page, styles];

  #find = "";

  /** @returns {Promise<Canned[]>} */
  async ask() {
    return (await get("/v1/desk/canned")).canned;
  }

  /** @param {Canned[]} replies */
  body(replies) {
    const add = () => h("st-button", { variant: "primary", icon: "plus", onclick: () => this.#edit(null) }, "Add a canned reply");
    if (replies.length === 0) {
      return [titled("Canned replies"), card({ title: "None yet" }, nothing("quote", "Write it once", "What the team writes often, ready under a shortcut: in a conversation, / and the shortcut put it into the reply.", add()))];
    }
    const list = h("div", { class: "replies" });
    const show = () => {
      const wanted = this.#find.toLowerCase();
      const found = replies.filter(({ shortcut, title, text }) => `${shortcut}\n${title}\n${text}`.toLowerCase().includes(wanted));
      list.replaceChildren(...(found.length > 0 ? found.map((reply) => this.#reply(reply)) : [nothing("search", "None of these")]));
    };
    const find = h("st-field", { type: "search", label: "Find a canned reply", "hide-label": true, placeholder: "Find", icon: "search", value: this.#find });
    find.addEventListener("input", () => {
      this.#find = find.value;
      show();
    });
    show();
    return [titled("Canned replies", "In a conversation, / and the shortcut put one into the reply.", find, add()), list];
  }

  /** @param {Canned} reply */
  #reply(reply) {
    const { shortcut, title, text, updated_ms, by } = reply;
    return h("article", { class: "reply", "aria-label": title },
      h("div", { class: "row" }, h("h3", null, title), h("code", { class: "pill" }, `/${shortcut}`)),
      h("p", null, marked(text)),
      h("span", { class: "small quiet" }, "Changed ", timed(updated_ms), by && ` by ${by}`),
      h("div", { class: "actions" },
        h("st-button", { size: "s", variant: "quiet", icon: "pen", label: `Edit ${title}`, onclick: () => this.#edit(reply) }),
        h("st-button", { size: "s", variant: "quiet", icon: "trash", label: `Delete ${title}`, onclick: () => void this.#delete(reply) })));
  }

  /** @param {Canned | null} reply */
  #edit(reply) {
    const text = h("st-field", { type: "textarea", label: "Text", name: "text", rows: 7, required: true, value: reply?.text ?? "" });
    const insert = (/** @type {string} */ name) => {
      const control = /** @type {HTMLTextAreaElement} */ (text.control);
      control.setRangeText(`{{${name}}}`, control.selectionStart, control.selectionEnd, "end");
      text.value = control.value;
      text.focus();
    };
    formDialog({
      heading: reply === null ? "Add a canned reply" : "Change a canned reply",
      confirm: "Save",
      wide: true,
      fields: [
        h("st-field", { label: "Title", name: "title", required: true, value: reply?.title ?? "" }),
        h("st-field", { label: "Shortcut", name: "shortcut", required: true, value: reply?.shortcut ?? "", hint: "Letters, digits, - and _; what one types after /.", spellcheck: "false" }),
        text,
        h("div", { class: "form-line" }, h("span", null, "Put in:"), VARIABLES.map(([name, means]) =>
          h("st-button", { size: "s", title: means, onclick: () => insert(name) }, name))),
      ],
      save: async ({ title, shortcut, text: written }) => {
        const body = { title, shortcut, text: written };
        await (reply === null ? post("/v1/desk/canned", body) : put(`/v1/desk/canned/${encodeURIComponent(reply.id)}`, body));
        toast("Saved", { kind: "good" });
        await this.reload();
      },
    });
  }

  /** @param {Canned} reply */
  async #delete({ id, title }) {
    if (!(await ask({ heading: `Delete “${title}”?`, text: "Nobody of the team can use it any more.", confirm: "Delete", danger: true }))) return;
    try {
      await del(`/v1/desk/canned/${encodeURIComponent(id)}`);
      await this.reload();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { kind: "bad" });
    }
  }
}

/**
 * A text with its variables marked.
 * @param {string} text
 */
function marked(text) {
  return text.split(/(\{\{.*?\}\})/).map((part) => (part.startsWith("{{") ? h("mark", null, part.slice(2, -2).trim()) : part));
}

define("desk-settings-canned", DeskSettingsCanned);
