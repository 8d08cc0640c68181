/** `<desk-try-intents>`: what intent a message would have, with the intents in force; judged while one writes. */

import { css, define, fill, h, later, StElement } from "/design/index.js";
import { post } from "../api.js";

const styles = css`
.tried { display: grid; gap: 7px; margin-block-start: 12px; min-block-size: 118px; align-content: start; }
.score { display: grid; grid-template-columns: minmax(90px, 34%) 1fr 40px; gap: 10px; align-items: center; }
.bar { block-size: 8px; border-radius: 4px; background: var(--st-hover); overflow: hidden; }
.bar i { display: block; block-size: 100%; border-radius: 4px; background: var(--st-control); }
.score.first .bar i { background: var(--st-accent); }
.score.first b { font-weight: 650; }
b { font-weight: 500; overflow-wrap: anywhere; }
.fault { color: var(--st-bad-text); }
`;

const SHOWN = 5;

export class DeskTryIntents extends StElement {
  static styles = [styles];

  #field = h("st-field", { type: "textarea", rows: 2, label: "A customer's message", placeholder: "Where is my parcel?" });
  #answer = h("div", { class: "tried", role: "status" });
  #asked = 0;

  constructor() {
    super();
    const judge = later(() => void this.#try(), 250);
    this.#field.addEventListener("input", judge);
    this.root.append(this.#field, this.#answer);
    fill(this.#answer, h("p", { class: "quiet small" }, "Write one, and see which intents it is nearest to."));
  }

  async #try() {
    const text = this.#field.value.trim();
    const question = (this.#asked += 1);
    if (text === "") return fill(this.#answer);
    try {
      const { intents } = await post("/v1/intents/try", { text });
      if (question !== this.#asked) return;
      fill(this.#answer, intents.slice(0, SHOWN).map((/** @type {{ name: string, score: number }} */ { name, score }, /** @type {number} */ index) => {
        const part = h("i");
        part.style.inlineSize = `${Math.round(Math.max(0, Math.min(1, score)) * 100)}%`;
        return h("div", { class: `score ${index === 0 ? "first" : ""}` }, h("b", null, name.replaceAll("_", " ")), h("span", { class: "bar" }, part), h("span", { class: "num small" }, score.toFixed(2)));
      }));
    } catch (error) {
      if (question === this.#asked) fill(this.#answer, h("p", { class: "fault" }, error instanceof Error ? error.message : String(error)));
    }
  }
}

define("desk-try-intents", DeskTryIntents);
