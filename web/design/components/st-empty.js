/**
 * <st-empty kind="empty|loading|error" icon="inbox" heading="Nobody waits" text="…"> <st-button>…</st-button> </st-empty>
 *
 * What stands where there is nothing to show: nothing yet, still loading, or a fault with what to do about it (slotted).
 */

import { StElement, define } from "../element.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { css } from "../sheet.js";

const styles = css`
:host { display: grid; place-items: center; padding: var(--st-5); min-block-size: 160px; }
.inside { display: grid; justify-items: center; gap: 8px; max-inline-size: 380px; text-align: center; }
.mark { display: grid; place-items: center; inline-size: 48px; block-size: 48px; border-radius: 50%; background: var(--st-hover); color: var(--st-quiet); }
:host([kind="error"]) .mark { background: var(--st-bad-soft); color: var(--st-bad-text); }
.heading { font-weight: 650; font-size: var(--st-text-l); }
p { color: var(--st-quiet); text-wrap: balance; overflow-wrap: anywhere; }
.actions { display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; margin-block-start: 6px; }
.wait { inline-size: 26px; block-size: 26px; border: 3px solid var(--st-line); border-block-start-color: var(--st-accent); border-radius: 50%; animation: turn .9s linear infinite; }
@keyframes turn { to { rotate: 1turn; } }
:host([kind="loading"]) .inside { animation: appear .3s .25s both; }
@keyframes appear { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { .wait { animation-duration: 4s; } }
`;

export class StEmpty extends StElement {
  static styles = [styles];
  static observedAttributes = ["kind", "icon", "heading", "text"];

  render() {
    const kind = this.getAttribute("kind") ?? "empty";
    const heading = this.getAttribute("heading") ?? (kind === "loading" ? "Loading…" : "");
    const name = this.getAttribute("icon") ?? (kind === "error" ? "warn" : "inbox");
    const text = this.getAttribute("text");
    fill(this.root, h("div", { class: "inside", role: kind === "error" ? "alert" : "status" },
      kind === "loading" ? h("div", { class: "wait" }) : h("div", { class: "mark" }, icon(name, 22)),
      heading && h("div", { class: kind === "loading" ? "quiet" : "heading" }, heading), text && h("p", null, text), h("div", { class: "actions" }, h("slot"))));
  }
}

define("st-empty", StEmpty);
