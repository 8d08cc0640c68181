/** The widget's appearance and words, with the real widget beside them as it would be, and the lines that put it on a site. For admins. */

import { css, define, h, later, toast } from "/design/index.js";
import { card, titled } from "../page/desk-page.js";
import { page } from "../page/sheet.js";
import { settingField } from "./setting-field.js";
import { SettingsPage, fields } from "./settings-page.js";

/** @typedef {import("./draft.js").Draft} Draft */

const PREFIX = "widget.";

const LANGUAGES = [
  ["auto", "That of the page or the browser"], ["en", "English"], ["zh", "中文"], ["es", "Español"], ["de", "Deutsch"], ["fr", "Français"], ["ar", "العربية"],
].map(([value, label]) => ({ value, label }));

/** @type {Record<string, { name?: string, type?: string, rows?: number, options?: { value: string, label: string }[] }>} */
const HOW = {
  accent: { name: "Colour", type: "color" },
  locale: { name: "Language", options: LANGUAGES },
  color_scheme: { name: "Light or dark" },
  position: { name: "Corner" },
  pre_chat: { name: "Ask for name and address first" },
  offline_message: { name: "Outside the opening hours", type: "textarea" },
  greeting: { type: "textarea", rows: 2 },
  suggestions: { name: "Questions to begin with" },
  survey: { name: "Ask how it was at the end" },
  files: { name: "Take files" },
};

const GROUPS = [
  { title: "Look", keys: ["accent", "position", "color_scheme", "locale"] },
  { title: "Words", keys: ["heading", "greeting", "suggestions", "offline_message"] },
  { title: "Before and after", keys: ["pre_chat", "survey", "files"] },
  { title: "Opening hours", keys: ["hours.timezone", ...["mon", "tues", "wednes", "thurs", "fri", "satur", "sun"].map((day) => `hours.${day}day`), "hours.holidays"] },
];

const styles = css`
.page { max-inline-size: 1240px; }
.beside { display: grid; grid-template-columns: minmax(0, 1fr) minmax(330px, 440px); gap: 18px; align-items: start; }
.groups { display: grid; gap: 18px; }
.preview { position: sticky; inset-block-start: 18px; display: grid; gap: 12px; }
iframe { inline-size: 100%; block-size: 680px; max-block-size: calc(100dvh - 190px); min-block-size: 420px; border: 1px solid var(--st-line); border-radius: var(--st-radius); background: var(--st-surface); }
pre { margin: 0; padding: 12px 14px; border-radius: var(--st-radius); background: var(--st-raised); font: var(--st-text-s)/1.6 var(--st-mono); white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 1180px) { .beside { grid-template-columns: minmax(0, 1fr); } .preview { position: static; order: -1; } iframe { block-size: 520px; } }
`;

export default class DeskSettingsAppearance extends SettingsPage {
  static styles = [page, fields, styles];

  #frame = h("iframe", { title: "The widget as it would be", src: "/desk/widget-preview.html" });
  #isOpen = true;
  #isAway = false;
  #send = later(() => this.#show(), 250);

  connected() {
    super.connected();
    window.addEventListener("message", (event) => event.source === this.#frame.contentWindow && this.#show(), { signal: this.signal });
  }

  /** @param {Draft} draft */
  watched(draft) {
    super.watched(draft).addEventListener("change", () => this.#send());
    this.#send();
    return draft;
  }

  /** @param {Draft} draft */
  fields(draft) {
    const grouped = new Set(GROUPS.flatMap(({ keys }) => keys));
    const others = draft.all.map(({ key }) => key).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length)).filter((key) => !grouped.has(key));
    const groups = [...GROUPS, { title: "More", keys: others }];
    return [
      titled("Appearance", "How the widget looks and what it says. What a page says in its own tag goes before this."),
      h("div", { class: "beside" },
        h("div", { class: "groups" }, groups.map(({ title, keys }) => {
          const shown = keys.map((key) => settingField(draft, `${PREFIX}${key}`, HOW[key])).filter((field) => field !== null);
          return shown.length > 0 && card({ title }, shown);
        }), this.#embed(draft)),
        card({ title: "Preview", class: "preview", action: this.#switches() }, this.#frame)),
    ];
  }

  #switches() {
    const toggle = (/** @type {string} */ label, /** @type {boolean} */ is, /** @type {(is: boolean) => void} */ set) => {
      const button = h("st-button", { size: "s", pressed: String(is) }, label);
      button.addEventListener("click", () => {
        const next = button.getAttribute("pressed") !== "true";
        button.setAttribute("pressed", String(next));
        set(next);
        this.#show();
      });
      return button;
    };
    return h("div", { class: "row" }, toggle("Open", this.#isOpen, (is) => (this.#isOpen = is)), toggle("Outside the hours", this.#isAway, (is) => (this.#isAway = is)));
  }

  #show() {
    const draft = this.shown;
    if (draft === null) return;
    const own = draft.all.filter(({ key }) => key.startsWith(PREFIX)).map(({ key }) => [key.slice(PREFIX.length), draft.value(key)]);
    const { files, ...settings } = Object.fromEntries(own.filter(([key]) => !key.includes(".")));
    const hours = this.#isAway ? { open: false } : {};
    const scheme = settings.color_scheme ?? "auto";
    this.#frame.contentWindow?.postMessage({ settings: { ...settings, hours, files: { enabled: files !== false } }, open: this.#isOpen, scheme }, location.origin);
  }

  /** @param {Draft} draft */
  #embed(draft) {
    const websites = draft.setting(`${PREFIX}websites`)?.value;
    const [token] = websites ? Object.values(websites) : [];
    const code = `<script src="${location.origin}/widget/sdk.js"${token ? ` data-website-token="${token}"` : ""} async></script>`;
    const copy = async () => {
      await navigator.clipboard.writeText(code).then(() => toast("Copied", { kind: "good" }), () => toast("The browser does not let the desk copy", { kind: "bad" }));
    };
    return card({ title: "Put it on your site", about: "One line, anywhere in the page. The site must be among server.allowed_origins." }, h("div", { class: "stack" }, h("pre", null, code), h("div", null, h("st-button", { size: "s", icon: "copy", onclick: copy }, "Copy"))));
  }
}

define("desk-settings-appearance", DeskSettingsAppearance);
