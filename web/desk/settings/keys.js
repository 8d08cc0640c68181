/** API keys: made, shown once, revoked. For admins. */

import { ask, define, h, toast } from "/design/index.js";
import { del, get, post } from "../api.js";
import { DeskPage, card, nothing, titled } from "../page/desk-page.js";
import { formDialog } from "../page/form-dialog.js";
import { timed } from "../page/times.js";
import { roleField } from "./members.js";

/** @typedef {import("/design/components/st-dialog.js").StDialog} StDialog */
/** @typedef {{ id: string, name: string, role: string, created_by: string, created_ms: number, expires_ms: number | null, used_ms: number | null, revoked_ms: number | null }} Key */

/** @extends {DeskPage<Key[]>} */
export default class DeskSettingsKeys extends DeskPage {
  /** @returns {Promise<Key[]>} */
  async ask() {
    return (await get("/v1/team/keys")).keys;
  }

  /** @param {Key[]} keys */
  body(keys) {
    const add = () => h("st-button", { variant: "primary", icon: "plus", onclick: () => this.#add() }, "Make a key");
    const heads = ["Name", "Role", "Made", "Last used", "Ends", ""];
    return [
      titled("API keys", "For programs that use the API in the team's name. A key can do what its role can do.", keys.length > 0 && add()),
      card({ title: "Keys", class: keys.length > 0 ? "flush" : "" }, keys.length === 0
        ? nothing("key", "No keys yet", "A key lets a program of yours read conversations, write as an agent or fetch reports.", add())
        : h("div", { class: "scroll" }, h("table", null,
          h("thead", null, h("tr", null, heads.map((head) => h("th", { scope: "col" }, head || h("span", { class: "sr" }, "What can be done"))))),
          h("tbody", null, keys.map((key) => this.#row(key)))))),
    ];
  }

  /** @param {Key} key */
  #row(key) {
    const hasEnded = key.revoked_ms !== null || (key.expires_ms !== null && key.expires_ms <= Date.now());
    const end = key.revoked_ms !== null ? h("span", { class: "pill bad" }, "Revoked") : hasEnded ? h("span", { class: "pill bad" }, "Expired") : timed(key.expires_ms, "does not");
    return h("tr", null,
      h("th", { scope: "row" }, h("b", null, key.name), h("div", { class: "small quiet" }, h("code", null, `stw_${key.id}_…`))),
      h("td", null, h("span", { class: `pill ${key.role === "admin" ? "info" : ""}` }, key.role === "admin" ? "Admin" : "Agent")),
      h("td", null, timed(key.created_ms), h("div", { class: "small quiet" }, `by ${key.created_by}`)),
      h("td", null, timed(key.used_ms)),
      h("td", null, end),
      h("td", null, h("div", { class: "actions" }, !hasEnded && h("st-button", { size: "s", variant: "danger", onclick: () => this.#revoke(key) }, "Revoke"))));
  }

  #add() {
    formDialog({
      heading: "Make an API key",
      confirm: "Make the key",
      fields: [
        h("st-field", { label: "What it is for", name: "name", required: true, placeholder: "reports", autocomplete: "off", hint: "Shown as key:NAME wherever it acts. Letters, digits and . _ - @ +" }),
        roleField(),
        h("st-field", { label: "Days until it ends", name: "days", type: "number", min: 1, value: "90", hint: "Empty: it does not end by itself." }),
      ],
      save: async ({ name, role, days }) => {
        const { key } = await post("/v1/team/keys", { name, role, ...(days === "" ? {} : { expires_in_days: Number(days) }) });
        this.reload();
        this.#show(name, key);
      },
    });
  }

  /**
   * The one time that a key can be read.
   * @param {string} name
   * @param {string} key
   */
  #show(name, key) {
    const copy = h("st-button", {
      icon: "copy",
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(key);
          toast("Copied", { kind: "good" });
        } catch {
          field.select();
        }
      },
    }, "Copy");
    const field = h("input", { class: "form-secret", readOnly: true, value: key, "aria-label": `The key ${name}`, size: key.length });
    const dialog = /** @type {StDialog} */ (h("st-dialog", { heading: `The key “${name}”`, wide: true },
      h("p", null, "Copy it now: it is shown this once, and nobody can read it again."), h("p", { class: "form-line" }, field, copy),
      h("st-button", { slot: "footer", variant: "primary", onclick: () => dialog.close() }, "I have it")));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.show();
  }

  /** @param {Key} key */
  async #revoke({ id, name }) {
    const isSure = await ask({ heading: `Revoke “${name}”?`, text: "Programs that use it are refused at once. It cannot be undone.", confirm: "Revoke", danger: true });
    if (!isSure) return;
    try {
      await del(`/v1/team/keys/${encodeURIComponent(id)}`);
      toast(`${name} is revoked`, { kind: "good" });
      await this.reload();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { kind: "bad" });
    }
  }
}

define("desk-settings-keys", DeskSettingsKeys);
