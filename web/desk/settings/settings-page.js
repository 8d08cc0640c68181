/**
 * A page of settings: fields over one draft, saved together, and a bar that says what is not saved.
 *
 * A page writes `fields(draft)`. Saving sends every change at once, so that either all of them hold or none.
 */

import { css, fill, h, toast } from "/design/index.js";
import { ApiError, get, put } from "../api.js";
import { DeskPage } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { guard } from "../page/unsaved.js";
import { Draft } from "./draft.js";

/** @typedef {import("/design/dom.js").Child} Child */

export const fields = css`
.setting { display: grid; gap: 4px; padding-block: 14px; border-block-end: 1px solid var(--st-line); max-inline-size: 640px; }
.setting:first-of-type { padding-block-start: 2px; }
.setting:last-child { border-block-end: 0; padding-block-end: 0; }
.setting:has(.cards) { max-inline-size: none; }
.meaning { color: var(--st-accent-text); font-weight: 560; }
.from:empty { display: none; }
.link { color: var(--st-accent-text); text-decoration: underline; text-underline-offset: 2px; }
.hint { color: var(--st-quiet); font-size: var(--st-text-s); }
.fault { color: var(--st-bad-text); font-size: var(--st-text-s); }
.slider { display: grid; gap: 5px; }
.slider label, .cards legend { font-size: var(--st-text-s); font-weight: 600; }
.both { display: flex; align-items: center; gap: 14px; }
input[type="range"] { flex: 1; min-inline-size: 0; block-size: 24px; accent-color: var(--st-accent); cursor: pointer; }
.both input[type="number"] { inline-size: 76px; min-block-size: var(--st-height); padding: 4px 8px; border: 1px solid var(--st-control); border-radius: var(--st-radius); background: var(--st-surface); font-variant-numeric: tabular-nums; }
.cards { display: grid; gap: 6px; }
.options { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(210px, 100%), 1fr)); gap: 10px; margin-block-start: 4px; }
.option { display: flex; gap: 10px; padding: 12px 14px; border: 1px solid var(--st-line); border-radius: var(--st-radius); cursor: pointer; }
.option:hover { background: var(--st-raised); }
.option:has(:checked) { border-color: var(--st-accent); background: var(--st-accent-soft); }
.option:has(:checked) .quiet { color: var(--st-text); }
.option:has(:focus-visible) { outline: 2px solid var(--st-accent); outline-offset: 2px; }
.option b { display: block; font-weight: 600; }
.option input { flex: none; margin: 3px 0 0; accent-color: var(--st-accent); outline: none; }
.picks { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 2px 12px; max-block-size: 240px; overflow: auto; padding: 6px; border: 1px solid var(--st-line); border-radius: var(--st-radius); }
.pick { display: flex; align-items: center; gap: 8px; padding: 3px 4px; overflow-wrap: anywhere; }
.pick input { accent-color: var(--st-accent); inline-size: 16px; block-size: 16px; flex: none; }
`;

/** @extends {DeskPage<Draft>} */
export class SettingsPage extends DeskPage {
  static styles = [page, fields];

  #bar = h("div", { class: "changes", role: "region", "aria-label": "Changes", hidden: true });
  #isSaving = false;

  connected() {
    super.connected();
    guard(() => (this.shown?.count ?? 0) > 0, this.signal);
  }

  async ask() {
    const { settings } = await get("/v1/settings");
    return this.watched(new Draft(settings));
  }

  /** @param {Draft} draft */
  watched(draft) {
    draft.addEventListener("change", () => this.#showBar(draft));
    return draft;
  }

  /**
   * The fields of the page.
   * @param {Draft} _draft
   * @returns {Child | Child[]}
   */
  fields(_draft) {
    return null;
  }

  /** @param {Draft} draft */
  body(draft) {
    this.#showBar(draft);
    return [this.fields(draft), this.#bar].flat();
  }

  /** @param {Draft} draft */
  #showBar(draft) {
    this.#bar.hidden = draft.count === 0;
    const fault = draft.fault?.key === null ? draft.fault.message : null;
    const what = draft.count === 1 ? "1 change is not saved" : `${draft.count} changes are not saved`;
    fill(this.#bar, h("p", { role: "status" }, fault ?? what),
      h("st-button", { onclick: () => this.#take(new Draft(draft.all)) }, "Drop"),
      h("st-button", { variant: "primary", busy: this.#isSaving, onclick: () => this.#save(draft) }, "Save"));
  }

  /** @param {Draft} draft */
  #take(draft) {
    this.shown = this.watched(draft);
    this.changed();
  }

  /** @param {Draft} draft */
  async #save(draft) {
    this.#isSaving = true;
    this.#showBar(draft);
    try {
      const { settings } = await put("/v1/settings", { changes: draft.changes });
      this.#isSaving = false;
      this.#take(new Draft(settings));
      toast("Saved, and in force", { kind: "good" });
    } catch (error) {
      this.#isSaving = false;
      draft.refuse(error instanceof ApiError || error instanceof Error ? error.message : String(error));
      this.#showBar(draft);
    }
  }
}
