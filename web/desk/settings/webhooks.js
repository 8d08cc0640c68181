/** Webhooks: where events are sent, what became of them, a test, and sending again. The endpoints themselves are in the settings file. For admins. */

import { css, define, h, toast } from "/design/index.js";
import { get, post } from "../api.js";
import { DeskPage, card, nothing, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { timed } from "../page/times.js";

/** @typedef {{ name: string, url: string }} Endpoint */
/** @typedef {{ id: string, endpoint: string, kind: string, body: string, state: "waiting" | "delivered" | "dead", attempts: number, next_ms: number, error: string, created_ms: number }} Delivery */

const styles = css`
pre { max-block-size: 260px; overflow: auto; margin: 8px 0 0; padding: 12px; border-radius: var(--st-radius); background: var(--st-raised); font: var(--st-text-s)/1.5 var(--st-mono); white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--st-accent-text); width: max-content; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 18px; }
dt { font-weight: 600; }
dd { overflow-wrap: anywhere; color: var(--st-quiet); }
td.what { min-inline-size: 240px; }
.why { color: var(--st-bad-text); font-size: var(--st-text-s); }
`;

/** @type {Record<Delivery["state"], [string, string]>} */
const STATES = { waiting: ["warn", "Waiting"], delivered: ["good", "Delivered"], dead: ["bad", "Given up"] };
const STATE_FILTERS = [{ value: "", label: "All deliveries" }, ...Object.entries(STATES).map(([value, [, label]]) => ({ value, label }))];
const WATCH_MS = 4000;

/** @extends {DeskPage<{ endpoints: Endpoint[], deliveries: Delivery[] }>} */
export default class DeskSettingsWebhooks extends DeskPage {
  static styles = [page, styles];

  #state = "";
  /** @type {Set<string>} */
  #open = new Set();

  connected() {
    super.connected();
    const watch = setInterval(() => this.shown?.deliveries.some(({ state }) => state === "waiting") && this.reload(), WATCH_MS);
    this.signal.addEventListener("abort", () => clearInterval(watch));
  }

  async ask() {
    const [{ endpoints }, { deliveries }] = await Promise.all([get("/v1/webhooks"), get("/v1/webhooks/deliveries")]);
    return { endpoints, deliveries };
  }

  /** @param {{ endpoints: Endpoint[], deliveries: Delivery[] }} shown */
  body({ endpoints, deliveries }) {
    const dead = deliveries.filter(({ state }) => state === "dead").length;
    const listed = deliveries.filter(({ state }) => this.#state === "" || state === this.#state);
    const filter = h("st-field", { type: "select", label: "Which deliveries", "hide-label": true, options: STATE_FILTERS, value: this.#state });
    filter.addEventListener("change", () => {
      this.#state = filter.value;
      this.changed();
    });
    return [
      titled("Webhooks", "Steward tells other systems what happens. What was said is never sent.",
        endpoints.length > 0 && h("st-button", { icon: "send", onclick: () => this.#do(post("/v1/webhooks/test"), "A test event is on its way") }, "Send a test")),
      card({ title: "Endpoints", about: endpoints.length > 0 ? "They are kept in the settings file, with their secrets." : null },
        endpoints.length > 0
          ? h("dl", null, endpoints.map(({ name, url }) => [h("dt", null, name), h("dd", null, url)]))
          : nothing("link", "No endpoints yet", ["Name one in the settings file, under ", h("code", null, "[webhooks.endpoints]"), ", with a secret under ", h("code", null, "[webhooks.secrets]"), "; a reload takes it over."])),
      card({ title: "Deliveries", class: deliveries.length > 0 ? "flush" : "", about: "Each event is tried again for a day and a half before it is given up.", action: deliveries.length > 0 && h("div", { class: "row" },
        filter, dead > 0 && h("st-button", { size: "s", icon: "refresh", onclick: () => this.#do(post("/v1/webhooks/replay", {}), "They are in line again") }, `Send ${dead} given up again`)) },
      deliveries.length === 0 ? nothing("send", "Nothing was sent yet") : this.#table(listed)),
    ];
  }

  /** @param {Delivery[]} deliveries */
  #table(deliveries) {
    if (deliveries.length === 0) return nothing("filter", "None of these");
    return h("div", { class: "scroll" }, h("table", null,
      h("thead", null, h("tr", null, ["Event", "Endpoint", "State", "Tried", "When", ""].map((head) => h("th", { scope: "col" }, head || h("span", { class: "sr" }, "What can be done"))))),
      h("tbody", null, deliveries.map((delivery) => this.#row(delivery)))));
  }

  /** @param {Delivery} delivery */
  #row({ id, endpoint, kind, body, state, attempts, next_ms, error, created_ms }) {
    const [tone, word] = STATES[state];
    const key = `${id} ${endpoint}`;
    const details = h("details", { open: this.#open.has(key), ontoggle: (/** @type {any} */ event) => this.#open[event.currentTarget.open ? "add" : "delete"](key) },
      h("summary", { class: "small" }, "What is sent"), h("pre", { tabIndex: 0 }, pretty(body)));
    return h("tr", null,
      h("td", { class: "what" }, h("b", null, kind), error !== "" && state !== "delivered" && h("div", { class: "why" }, error), details),
      h("td", null, endpoint),
      h("td", null, h("span", { class: `pill ${tone}` }, word), state === "waiting" && attempts > 0 && h("div", { class: "small quiet" }, "again ", timed(next_ms))),
      h("td", { class: "num" }, attempts === 1 ? "once" : `${attempts} times`),
      h("td", { class: "quiet" }, timed(created_ms)),
      h("td", null, h("div", { class: "actions" }, state !== "waiting" &&
        h("st-button", { size: "s", onclick: () => this.#do(post("/v1/webhooks/replay", { id }), "It is in line again") }, "Send again"))));
  }

  /**
   * @param {Promise<unknown>} request
   * @param {string} done
   */
  async #do(request, done) {
    try {
      await request;
      toast(done, { kind: "good" });
      await this.reload();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { kind: "bad" });
    }
  }
}

/** @param {string} body */
function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

define("desk-settings-webhooks", DeskSettingsWebhooks);
