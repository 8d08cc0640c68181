/** /desk/knowledge: the articles that Steward answers from; found by their words (?q=). */

import { css, define, fill, h, later } from "/design/index.js";
import { get } from "../api.js";
import "../knowledge/try-answer.js";
import { count } from "../outcomes/figures.js";
import { DeskPage, card, nothing, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { timed } from "../page/times.js";
import { go } from "../routes.js";
import { session } from "../session.js";

/** @typedef {{ id: string, title: string, updated_ms: number | null, language: string | null, url: string | null, chars: number }} Article */

const SHOWN_AT_FIRST = 100;

const styles = css`
.find { inline-size: min(300px, 100%); }
td a { font-weight: 580; text-decoration: none; color: var(--st-text); }
td a:hover { text-decoration: underline; color: var(--st-accent-text); }
.more { padding: 12px 20px 16px; }
`;

/** @extends {DeskPage<Article[]>} */
export default class KnowledgeView extends DeskPage {
  static styles = [page, styles];

  #shown = SHOWN_AT_FIRST;
  #found = h("div");
  #find = h("st-field", { class: "find", type: "search", label: "Find an article", "hide-label": true, placeholder: "Find an article", icon: "search" });

  constructor() {
    super();
    const find = later(() => {
      if (!this.isConnected) return; // an article was opened meanwhile
      const q = this.#find.value.trim();
      go(q === "" ? "/desk/knowledge" : `/desk/knowledge?q=${encodeURIComponent(q)}`, { replace: true });
    }, 250);
    this.#find.addEventListener("input", find);
  }

  /** @returns {Promise<Article[]>} */
  async ask() {
    const q = this.query.get("q") ?? "";
    if (this.#find.value.trim() !== q) this.#find.value = q;
    return (await get("/v1/knowledge", { q })).articles;
  }

  render() {
    // The field stays where it is while one writes in it.
    if (this.fault === null && this.shown !== null && this.#found.isConnected) return this.#show(this.shown);
    super.render();
  }

  /** @param {Article[]} articles */
  body(articles) {
    this.#show(articles);
    return [
      titled("Knowledge", "The articles that Steward answers from, and quotes. A change holds for the next message.", this.#find,
        session.isAdmin && h("st-button", { variant: "primary", icon: "plus", onclick: () => go("/desk/knowledge/new") }, "Write an article")),
      card({ title: "What would it answer?", about: "As the knowledge is now." }, h("desk-try-answer")),
      this.#found,
    ];
  }

  /** @param {Article[]} articles */
  #show(articles) {
    const q = this.query.get("q") ?? "";
    if (articles.length === 0) {
      return fill(this.#found, card({ title: q === "" ? "No articles yet" : "No article has these words" }, q === ""
        ? nothing("book", "Steward answers from articles", "Write one, or import a directory of them with steward import knowledge.", session.isAdmin && h("st-button", { variant: "primary", onclick: () => go("/desk/knowledge/new") }, "Write an article"))
        : nothing("search", `Nothing is said about “${q}”`, "Other words, or an article that is not written yet.", session.isAdmin && h("st-button", { onclick: () => go(`/desk/knowledge/new?title=${encodeURIComponent(q)}`) }, "Write it"))));
    }
    const heads = ["Title", "Language", "Length", "Changed"];
    fill(this.#found, card({ title: articles.length === 1 ? "1 article" : `${count(articles.length)} articles`, class: "flush" }, h("div", { class: "scroll" }, h("table", null,
      h("thead", null, h("tr", null, heads.map((head, index) => h("th", { scope: "col", class: index === 2 ? "figure" : "" }, head)))),
      h("tbody", null, articles.slice(0, this.#shown).map(row)))),
    articles.length > this.#shown && h("div", { class: "more" }, h("st-button", {
      onclick: () => {
        this.#shown = articles.length;
        this.changed();
      },
    }, `Show all ${count(articles.length)}`))));
  }
}

/** @param {Article} article */
function row({ id, title, updated_ms, language, chars }) {
  return h("tr", null,
    h("td", null, h("a", { href: `/desk/knowledge/${encodeURIComponent(id)}` }, title || id), h("div", { class: "small quiet" }, id)),
    h("td", { class: "quiet" }, languageName(language)),
    h("td", { class: "figure quiet" }, `${count(chars)} characters`),
    h("td", { class: "quiet" }, timed(updated_ms, "not known")));
}

/** @param {string | null} code */
function languageName(code) {
  if (!code) return "–";
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

define("desk-knowledge", KnowledgeView);
