/** Every component in its states. What they do is real: they open, close, sort, count and say things. */

import { ask, css, h, toast } from "../index.js";

/** @typedef {import("../dom.js").Child} Child */
/** @typedef {{ id: string, title: string, about: string, show: () => Child[] }} Sample */

const OPTIONS = [{ value: "all", label: "All conversations" }, { value: "mine", label: "Mine" }, { value: "closed", label: "Closed" }];
const TONES = ["neutral", "accent", "good", "warn", "bad", "info", "note"];
const ROWS = 5000;
const rowStyles = css`a { display: block; padding: 8px 14px; border-block-end: 1px solid var(--st-line); color: var(--st-text); text-decoration: none; } a:hover { background: var(--st-hover); }`;

/** @type {Sample[]} */
export const SAMPLES = [
  {
    id: "button", title: "Button", about: "One primary in a place. A button without words needs a label; a busy one cannot be pressed twice.",
    show: () => [
      h("h3", null, "Kinds"), h("div", { class: "row" }, ["primary", "default", "quiet", "danger"].map((variant) => h("st-button", { variant }, words(variant)))),
      h("h3", null, "With icons and keys"), h("div", { class: "row" }, h("st-button", { icon: "send", variant: "primary", kbd: "⏎" }, "Send"), h("st-button", { icon: "download", "icon-after": "down" }, "Export"),
        h("st-button", { icon: "bell", label: "Notifications" }), h("st-button", { icon: "trash", label: "Delete", variant: "danger" }), h("st-button", { icon: "more", label: "More", variant: "quiet" })),
      h("h3", null, "States"), h("div", { class: "row" }, h("st-button", { busy: true, variant: "primary" }, "Saving"), h("st-button", { disabled: true }, "Not now"), toggle("Pressed", true), toggle("Not pressed", false)),
      h("h3", null, "Small"), h("div", { class: "row" }, h("st-button", { size: "s", variant: "primary" }, "Save"), h("st-button", { size: "s" }, "Cancel"), h("st-button", { size: "s", icon: "pen", label: "Edit" })),
    ],
  },
  {
    id: "field", title: "Field", about: "A label always; a hint before the mistake, an error after it, both said by screen readers.",
    show: () => [h("div", { class: "grid" },
      h("st-field", { label: "Name", value: "Ada", hint: "What colleagues see." }), h("st-field", { label: "E-mail", type: "email", value: "ada@", error: "An address has something behind the @." }),
      h("st-field", { label: "Password", type: "password", value: "four quiet green boats" }), h("st-field", { label: "Search", type: "search", icon: "search", placeholder: "Find" }),
      h("st-field", { label: "Which", type: "select", options: OPTIONS, value: "mine" }), h("st-field", { label: "Seconds", type: "number", value: "300", min: 0 }),
      h("st-field", { label: "Reply", type: "textarea", rows: 3, value: "I am sorry about that." }), h("st-field", { label: "Cannot be changed", disabled: true, value: "Set by the environment" }),
      h("st-field", { label: "Colour", type: "color", value: "#1f5f8b" }), h("st-field", { label: "From", type: "date", value: "2026-11-26" }),
      h("st-field", { label: "Tell me by e-mail", type: "checkbox", checked: true }), h("st-field", { label: "Ask how it was", type: "switch", checked: true }), h("st-field", { label: "Take files", type: "switch" }))],
  },
  {
    id: "badge", title: "Badge", about: "A short word about a state. The colour repeats what the word says.",
    show: () => [h("div", { class: "row" }, TONES.map((tone) => h("st-badge", { tone }, words(tone))), h("st-badge", { tone: "warn", icon: "clock" }, "Waits 4 min"), h("st-badge", { tone: "good", dot: true }, "Online"))],
  },
  {
    id: "avatar", title: "Avatar", about: "Initials on a colour of their own; the name always stands beside it.",
    show: () => [h("div", { class: "row" }, h("st-avatar", { name: "Clara Stroud", kind: "customer" }), h("st-avatar", { name: "Ada Ross", kind: "agent", online: "true" }), h("st-avatar", { name: "Ben", kind: "agent", online: "false" }), h("st-avatar", { kind: "steward" }), h("st-avatar", { name: "" }), h("st-avatar", { name: "Jo Bloggs", size: 48 }))],
  },
  {
    id: "meter", title: "Meter", about: "A share as a bar that takes the colour of how bad it is.",
    show: () => [h("div", { class: "grid" }, [0.12, 0.48, 0.86].map((value) => h("st-meter", { value, label: "Risk", show: true })), h("st-meter", { value: 0.9, label: "Satisfaction", "good-high": true, show: true }))],
  },
  {
    id: "spark", title: "Line over time", about: "Shares over the turns of a conversation; the arrow keys and the pointer go from moment to moment, and say why.",
    show: () => [h("st-spark", {
      label: "Risk and satisfaction",
      series: [
        { name: "Risk", tone: "bad", points: [0.08, 0.12, 0.3, 0.55, 0.81, 0.4].map((value, x) => ({ x, value, label: `Message ${x + 1}`, detail: [] })) },
        { name: "Satisfaction", tone: "good", points: [0.9, 0.85, 0.6, 0.35, 0.2, 0.6].map((value, x) => ({ x, value, label: `Message ${x + 1}`, detail: [] })) },
      ],
    })],
  },
  {
    id: "tabs", title: "Tabs", about: "Over parts of one thing. The arrow keys move.",
    show: () => [h("st-tabs", { label: "Parts" }, panel("orders", "Orders", "Two orders, one on its way."), panel("past", "Past conversations", "None yet."), panel("facts", "Facts used", "Order FH-20417 shipped."))],
  },
  {
    id: "menu", title: "Menu", about: "What can be done with a thing. Arrow keys, first letters, Escape.",
    show: () => [h("div", { class: "row" }, h("st-menu", {
      label: "What to do", items: [{ id: "edit", label: "Edit", icon: "pen", kbd: "E" }, { id: "copy", label: "Copy", icon: "copy", hint: "With its sources" }, { id: "none", label: "Not possible now", icon: "clock", disabled: true }, "-", { id: "delete", label: "Delete", icon: "trash", danger: true }],
      onchoose: (/** @type {CustomEvent} */ event) => toast(`Chosen: ${event.detail}`),
    }, h("st-button", { slot: "trigger", icon: "more" }, "What to do")))],
  },
  {
    id: "dialog", title: "Dialog and question", about: "Escape closes; the focus comes back to where it was.",
    show: () => [h("div", { class: "row" },
      h("st-button", { onclick: async () => toast((await ask({ heading: "Close the conversation?", text: "The customer is asked how it was.", confirm: "Close it" })) ? "Closed" : "Left open") }, "Ask a question"),
      h("st-button", { variant: "danger", onclick: () => void ask({ heading: "Delete the article?", text: "It cannot be undone.", confirm: "Delete", danger: true }) }, "Ask before deleting"))],
  },
  {
    id: "toast", title: "Message", about: "Short, at the foot of the page; faults and what can be undone stay longer.",
    show: () => [h("div", { class: "row" }, h("st-button", { onclick: () => toast("Saved", { kind: "good" }) }, "Good"), h("st-button", { onclick: () => toast("It was not saved: the server cannot be reached.", { kind: "bad" }) }, "A fault"),
      h("st-button", { onclick: () => toast("The conversation is closed", { action: { label: "Undo", run: () => toast("It is open again") } }) }, "With a way back"))],
  },
  {
    id: "palette", title: "Palette", about: "One field for every command and place.",
    show: () => {
      const palette = h("st-palette");
      palette.commands = () => [{ id: "inbox", label: "Go to the inbox", group: "Places", icon: "inbox", kbd: "G I", run: () => toast("The inbox") }, { id: "close", label: "Close the conversation", group: "Conversation", icon: "shut", run: () => toast("Closed") }];
      return [h("st-button", { kbd: "Ctrl K", onclick: () => palette.show() }, "Open the palette"), palette];
    },
  },
  {
    id: "empty", title: "Nothing there", about: "Why, and what to do.",
    show: () => [h("div", { class: "grid" }, h("st-empty", { icon: "inbox", heading: "Nobody waits", text: "New conversations show here by themselves." }), h("st-empty", { kind: "loading" }),
      h("st-empty", { kind: "error", heading: "The server cannot be reached", text: "It is tried again by itself." }, h("st-button", { icon: "refresh" }, "Try now")))],
  },
  {
    id: "list", title: "List of any length", about: `${ROWS.toLocaleString()} rows, of which only those in sight are elements.`,
    show: () => {
      const list = h("st-list", { class: "sample", label: "Sample rows", roving: true });
      list.sheets = [rowStyles];
      list.keyOf = (/** @type {number} */ item) => String(item);
      list.rowOf = (/** @type {number} */ item) => h("a", { href: "#list" }, `Row ${item + 1}`);
      list.items = Array.from({ length: ROWS }, (_, index) => index);
      return [h("div", { class: "boxed" }, list)];
    },
  },
];

/**
 * @param {string} label
 * @param {boolean} isPressed
 */
function toggle(label, isPressed) {
  const button = h("st-button", { pressed: String(isPressed) }, label);
  button.addEventListener("click", () => button.setAttribute("pressed", String(button.getAttribute("pressed") !== "true")));
  return button;
}

/**
 * @param {string} id
 * @param {string} label
 * @param {string} text
 */
function panel(id, label, text) {
  return h("div", { "data-tab": id, "data-label": label }, h("p", null, text));
}

/** @param {string} name */
function words(name) {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
