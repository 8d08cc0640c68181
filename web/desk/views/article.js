/**
 * /desk/knowledge/{id}, and /desk/knowledge/new: an article, written in Markdown with its preview beside it, and what Steward would answer with it.
 *
 * New ones begin from `?title=` or from a knowledge gap (`?gap=`). A save says which version it changes; where somebody saved meanwhile, both versions
 * are shown and nothing is lost. For agents it is read only.
 */

import { ask, define, fill, h, icon, later, toast } from "/design/index.js";
import { del, get, post, put } from "../api.js";
import { differences } from "../knowledge/differences.js";
import { nodesOf } from "../knowledge/rich.js";
import "../knowledge/try-answer.js";
import { article as articleStyles } from "../knowledge/sheet.js";
import { toolbar } from "../knowledge/toolbar.js";
import { DeskPage, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { guard, mayLeave } from "../page/unsaved.js";
import { go } from "../routes.js";
import { session } from "../session.js";

/** @typedef {import("../knowledge/try-answer.js").DeskTryAnswer} DeskTryAnswer */
/** @typedef {{ id: string | null, title: string, text: string, url: string | null, language: string | null, audience?: string | null, version: string | number | null, question?: string, gap?: string }} Article */

const NEW = "new";

/** @extends {DeskPage<Article>} */
export default class ArticleView extends DeskPage {
  static styles = [page, articleStyles];

  #title = h("st-field", { label: "Title", name: "title", required: true });
  #text = h("st-field", { type: "textarea", rows: 22, label: "Text, in Markdown", name: "text" });
  #preview = h("div", { class: "prose", tabIndex: 0, role: "region", "aria-label": "Preview" });
  #try = /** @type {DeskTryAnswer} */ (h("desk-try-answer"));
  #save = h("st-button", { variant: "primary", onclick: () => void this.#store() }, "Save");
  #state = h("span", { class: "small quiet", role: "status" });
  #conflict = h("div", { class: "conflict", hidden: true });
  #previewed = 0;
  #isLeaving = false;

  constructor() {
    super();
    const preview = later(() => void this.#show(), 250);
    for (const field of [this.#title, this.#text]) {
      field.addEventListener("input", () => {
        this.#showState();
        preview();
      });
    }
    this.#try.draft = () => (this.#isChanged ? { id: this.shown?.id ?? null, title: this.#title.value, text: this.#text.value } : null);
    this.addEventListener("keydown", (event) => {
      if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.#store();
    });
  }

  connected() {
    super.connected();
    guard(() => this.#isChanged && !this.#isLeaving, this.signal);
  }

  leave() {
    return mayLeave();
  }

  get #id() {
    const id = this.route?.params.id ?? NEW;
    return id === NEW ? null : id;
  }

  /** @returns {Promise<Article>} */
  async ask() {
    const id = this.#id;
    const article = id === null ? await this.#begin() : await get(`/v1/knowledge/${encodeURIComponent(id)}`);
    this.#isLeaving = false;
    this.#title.value = article.title;
    this.#text.value = article.text;
    if (article.question) this.#try.question = article.question;
    this.emit("heading", article.title || "New article");
    void this.#show();
    return article;
  }

  /**
   * What a new article begins with.
   * @returns {Promise<Article>}
   */
  async #begin() {
    const blank = { id: null, title: this.query.get("title") ?? "", text: "", url: null, language: null, version: null };
    const gap = this.query.get("gap");
    if (gap === null) return blank;
    const { draft } = await post(`/v1/gaps/${encodeURIComponent(gap)}/draft`);
    return { ...blank, ...draft, gap, question: this.query.get("question") ?? draft?.title };
  }

  get #isChanged() {
    const article = this.shown;
    if (article === null || !session.isAdmin) return false;
    if (article.id === null) return this.#title.value.trim() !== "" && this.#text.value.trim() !== "";
    return this.#title.value !== article.title || this.#text.value !== article.text;
  }

  /** @param {Article} article */
  body(article) {
    const isFixed = !session.isAdmin;
    const control = /** @type {HTMLTextAreaElement} */ (this.#text.control);
    this.#text.disabled = this.#title.disabled = isFixed;
    this.#showState();
    const back = h("a", { class: "back", href: "/desk/knowledge" }, icon("back", 15), "All articles");
    const about = isFixed ? "Admins can change articles." : article.gap ? "A draft from what your agents wrote to customers. Read it before you save it: it is quoted as it stands." : article.id;
    return [
      h("div", null, back, titled(article.id === null ? "New article" : article.title || article.id, about, !isFixed && [
        this.#state, article.id !== null && h("st-button", { variant: "danger", icon: "trash", label: "Delete this article", onclick: () => void this.#remove(article) }), this.#save,
      ])),
      this.#conflict,
      h("div", { class: "editor" },
        h("section", { class: "card write", "aria-label": "Article" }, this.#title, !isFixed && toolbar(control, () => this.#text.dispatchEvent(new Event("input"))), this.#text),
        h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", null, "Preview")), this.#preview)),
      h("section", { class: "card", "aria-label": "What would it answer now?" },
        h("div", { class: "card-head" }, h("h2", null, "What would it answer now?"), h("p", null, "Ask as a customer would. Nothing is saved by trying: the answer as it is stands beside the one with your changes.")), this.#try),
    ];
  }

  async #show() {
    const preview = (this.#previewed += 1);
    try {
      const { html } = await post("/v1/knowledge/preview", { text: this.#text.value });
      if (preview !== this.#previewed) return;
      const nodes = nodesOf(html);
      fill(this.#preview, nodes.length > 0 ? nodes : h("p", { class: "quiet" }, "Nothing is written yet."));
    } catch (error) {
      if (preview === this.#previewed) fill(this.#preview, h("p", { class: "quiet" }, error instanceof Error ? error.message : String(error)));
    }
  }

  #showState() {
    const isChanged = this.#isChanged;
    this.#save.disabled = !isChanged;
    this.#state.textContent = isChanged ? "Not saved" : this.shown?.id === null ? "" : "Saved";
  }

  async #store() {
    const article = this.shown;
    if (article === null || !this.#isChanged || this.#save.busy) return;
    this.#title.error = this.#title.value.trim() === "" ? "An article needs a title." : "";
    if (this.#title.error !== "") return this.#title.focus();
    const written = { title: this.#title.value, text: this.#text.value };
    this.#save.busy = true;
    try {
      if (article.id === null) await this.#create(article, written);
      else await this.#update(article, article.id, written);
    } catch (error) {
      if (Reflect.get(Object(error), "status") === 409 && article.id !== null) await this.#meet(article.id);
      else toast(error instanceof Error ? error.message : String(error), { kind: "bad" });
    } finally {
      this.#save.busy = false;
      this.#showState();
    }
  }

  /**
   * @param {Article} article
   * @param {{ title: string, text: string }} written
   */
  async #create({ gap }, written) {
    const { id } = await post("/v1/knowledge", written);
    this.#isLeaving = true;
    const close = { label: "Close the gap", run: () => void post(`/v1/gaps/${encodeURIComponent(gap ?? "")}/dismiss`).catch(() => {}) };
    toast("Saved: the next message can be answered from it", { kind: "good", ...(gap ? { action: close } : {}) });
    go(`/desk/knowledge/${encodeURIComponent(id)}`, { replace: true });
  }

  /**
   * @param {Article} article
   * @param {string} id
   * @param {{ title: string, text: string }} written
   */
  async #update({ url, language, audience, version }, id, written) {
    await put(`/v1/knowledge/${encodeURIComponent(id)}`, { ...written, url, language, audience, version }); // what is left out is taken away
    toast("Saved: the next message is answered from it", { kind: "good" });
    this.#conflict.hidden = true;
    const saved = await get(`/v1/knowledge/${encodeURIComponent(id)}`);
    this.shown = saved;
    this.emit("heading", saved.title);
    this.changed();
  }

  /**
   * Somebody saved meanwhile: what differs, and whose words are to stay.
   * @param {string} id
   */
  async #meet(id) {
    const theirs = /** @type {Article} */ (await get(`/v1/knowledge/${encodeURIComponent(id)}`));
    const lines = differences(`${this.#title.value}\n\n${this.#text.value}`, `${theirs.title}\n\n${theirs.text}`);
    const take = () => {
      this.shown = theirs;
      this.#title.value = theirs.title;
      this.#text.value = theirs.text;
      this.#conflict.hidden = true;
      void this.#show();
      this.changed();
    };
    const keep = () => {
      if (this.shown !== null) this.shown = { ...this.shown, version: theirs.version };
      this.#conflict.hidden = true;
      void this.#store();
    };
    fill(this.#conflict, h("div", { class: "callout warn", role: "alert" }, icon("warn", 20), h("div", { class: "grow" },
      h("h2", null, "Somebody else saved this article meanwhile"), h("p", null, "Nothing of yours is lost. Lines with − are yours, lines with + are theirs."),
      h("pre", { class: "lines", tabIndex: 0 }, lines.map(({ kind, text }) => h("span", { class: kind }, `${kind === "mine" ? "− " : kind === "theirs" ? "+ " : "  "}${text}\n`))),
      h("div", { class: "row" }, h("st-button", { onclick: take }, "Take theirs"), h("st-button", { variant: "danger", onclick: keep }, "Save mine over theirs")))));
    this.#conflict.hidden = false;
    this.#conflict.scrollIntoView({ block: "nearest" });
  }

  /** @param {Article} article */
  async #remove({ id, title }) {
    if (id === null || !(await ask({ heading: `Delete “${title}”?`, text: "Steward cannot answer from it any more. It cannot be undone.", confirm: "Delete", danger: true }))) return;
    try {
      await del(`/v1/knowledge/${encodeURIComponent(id)}`);
      this.#isLeaving = true;
      toast(`“${title}” is deleted`, { kind: "good" });
      go("/desk/knowledge");
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { kind: "bad" });
    }
  }
}

define("desk-article", ArticleView);
