/** The members of the team: adding, roles, passwords, who may sign in. For admins. */

import { ask, define, h, toast } from "/design/index.js";
import { get, patch, post, put } from "../api.js";
import { session } from "../session.js";
import { DeskPage, card, titled } from "../page/desk-page.js";
import { formDialog } from "../page/form-dialog.js";
import { timed } from "../page/times.js";

/** @typedef {{ name: string, role: "agent" | "admin", disabled: boolean, created_ms: number }} Member */

export const ROLES = [
  { value: "agent", label: "Agent: talks with customers" },
  { value: "admin", label: "Admin: may change knowledge, settings and the team as well" },
];

/** @extends {DeskPage<Member[]>} */
export default class DeskSettingsMembers extends DeskPage {
  /** @returns {Promise<Member[]>} */
  async ask() {
    return (await get("/v1/team/members")).members;
  }

  /** @param {Member[]} members */
  body(members) {
    return [
      titled("Members", "People who sign in to the desk.", h("st-button", { variant: "primary", icon: "plus", onclick: () => this.#add() }, "Add a member")),
      card({ title: "The team", class: "flush" }, h("div", { class: "scroll" }, h("table", null,
        h("thead", null, h("tr", null, ["Name", "Role", "Since", ""].map((head) => h("th", { scope: "col" }, head || h("span", { class: "sr" }, "What can be done"))))),
        h("tbody", null, members.map((member) => this.#row(member)))))),
    ];
  }

  /** @param {Member} member */
  #row(member) {
    const isMe = member.name === session.name;
    const menu = h("st-menu", { label: `What to do with ${member.name}`, align: "end" },
      h("st-button", { slot: "trigger", icon: "more", variant: "quiet", size: "s", label: `What to do with ${member.name}` }));
    Reflect.set(menu, "items", [
      { id: "role", label: member.role === "admin" ? "Make an agent" : "Make an admin", icon: "key" },
      { id: "password", label: "Set a password", icon: "pen" },
      { id: "unlock", label: "Forget failed sign-ins", icon: "refresh" },
      "-",
      member.disabled ? { id: "enable", label: "Let them sign in again", icon: "check" } : { id: "disable", label: "Disable", icon: "cross", danger: true },
    ]);
    menu.addEventListener("choose", (/** @type {CustomEvent} */ event) => this.#do(member, event.detail));
    return h("tr", null,
      h("th", { scope: "row" }, h("span", { class: "row" }, h("st-avatar", { name: member.name, size: 28, kind: "agent" }), h("b", null, member.name), isMe && h("span", { class: "pill" }, "You"))),
      h("td", null, h("span", { class: "row" }, member.role === "admin" ? h("span", { class: "pill info" }, "Admin") : h("span", { class: "pill" }, "Agent"),
        member.disabled && h("span", { class: "pill bad" }, "Disabled"))),
      h("td", { class: "quiet" }, timed(member.created_ms)),
      h("td", null, h("div", { class: "actions" }, menu)));
  }

  #add() {
    formDialog({
      heading: "Add a member",
      confirm: "Add",
      fields: [
        h("st-field", { label: "Name", name: "name", required: true, autocomplete: "off", spellcheck: "false", hint: "What they sign in with, and what colleagues see. Letters, digits and . _ - @ +" }),
        roleField(),
        h("st-field", { label: "Password", name: "password", type: "password", required: true, autocomplete: "new-password", hint: "Tell it to them; they change it in their account." }),
      ],
      save: async ({ name, role, password }) => {
        await post("/v1/team/members", { name, role, password });
        toast(`${name} can sign in now`, { kind: "good" });
        await this.reload();
      },
    });
  }

  /**
   * @param {Member} member
   * @param {string} what
   */
  async #do({ name, role }, what) {
    const path = `/v1/team/members/${encodeURIComponent(name)}`;
    const other = role === "admin" ? "agent" : "admin";
    switch (what) {
      case "role":
        return this.#change(() => patch(path, { role: other }), `${name} is an ${other} now`);
      case "unlock":
        return this.#change(() => post(`${path}/unlock`, {}), `${name} may try to sign in again`);
      case "enable":
        return this.#change(() => patch(path, { disabled: false }), `${name} may sign in again`);
      case "disable":
        if (!(await ask({ heading: `Disable ${name}?`, text: "They are signed out everywhere at once. Nothing that they wrote is lost.", confirm: "Disable", danger: true }))) return;
        return this.#change(() => patch(path, { disabled: true }), `${name} cannot sign in any more`);
      case "password":
        return formDialog({
          heading: `A password for ${name}`,
          confirm: "Set the password",
          fields: [h("st-field", { label: "New password", name: "password", type: "password", required: true, autocomplete: "new-password", hint: "They are signed out everywhere." })],
          save: async ({ password }) => {
            await put(`${path}/password`, { password });
            toast(`${name} has another password`, { kind: "good" });
          },
        });
      default:
        throw new Error(`nothing is called ${what}`);
    }
  }

  /**
   * @param {() => Promise<unknown>} change
   * @param {string} done
   */
  async #change(change, done) {
    try {
      await change();
      toast(done, { kind: "good" });
      await this.reload();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { kind: "bad" });
    }
  }
}

export function roleField() {
  const field = h("st-field", { label: "Role", name: "role", type: "select" });
  Reflect.set(field, "options", ROLES);
  Reflect.set(field, "value", "agent");
  return field;
}

define("desk-settings-members", DeskSettingsMembers);
