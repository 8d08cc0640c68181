/**
 * The widget's looks, as an adopted stylesheet: no inline style, so it works under a strict content security policy.
 *
 * A page may set, on `steward-chat`: --steward-accent and --steward-on-accent (and the same with -dark for dark mode),
 * --steward-font, --steward-offset (distance from the corner), --steward-z.
 */

const css = `
:host {
  --accent: var(--steward-accent, #17594f);
  --on-accent: var(--steward-on-accent, #ffffff);
  --header: var(--accent);
  --on-header: var(--on-accent);
  --mine: var(--accent);
  --on-mine: var(--on-accent);
  --surface: #ffffff;
  --raised: #f2f4f3;
  --text: #1b2421;
  --quiet: #56625d;
  --line: #dbe1de;
  --control: #818d88;
  --warn: #7a4a00;
  --warn-back: #fff3dc;
  --bad: #a32020;
  --shadow: 0 2px 6px rgb(10 30 24 / .12), 0 16px 48px rgb(10 30 24 / .22);
  --offset: var(--steward-offset, 20px);
  position: fixed;
  right: max(var(--offset), env(safe-area-inset-right));
  bottom: max(var(--offset), env(safe-area-inset-bottom));
  z-index: var(--steward-z, 2147483000);
  font: 15px/1.5 var(--steward-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  color: var(--text);
  color-scheme: light dark;
  text-align: start;
  letter-spacing: normal;
  text-transform: none;
  white-space: normal;
}
:host([hidden]) { display: none; }
@media (prefers-color-scheme: dark) {
  :host {
    --accent: var(--steward-accent-dark, #7fd0bd);
    --on-accent: var(--steward-on-accent-dark, #06231d);
    --header: #202824;
    --on-header: #e8eeeb;
    --mine: color-mix(in srgb, var(--accent) 30%, #161b19);
    --on-mine: #f2f7f5;
    --surface: #161b19;
    --raised: #242b28;
    --text: #e8eeeb;
    --quiet: #a4b1ab;
    --line: #343d39;
    --control: #7d8a84;
    --warn: #ffd591;
    --warn-back: #3a2c10;
    --bad: #ff9d94;
    --shadow: 0 2px 6px rgb(0 0 0 / .5), 0 16px 48px rgb(0 0 0 / .6);
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
p, h2, ol, ul, blockquote { margin: 0; padding: 0; }
ol, ul { list-style: none; }
button, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
button { border: 0; background: none; padding: 0; cursor: pointer; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
button:disabled { cursor: default; }
svg { display: block; flex: none; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
a { color: inherit; text-decoration: underline; text-underline-offset: 2px; }

.launcher {
  position: relative; display: grid; place-items: center; width: 60px; height: 60px; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); box-shadow: var(--shadow); transition: transform .15s ease;
}
@media (hover: hover) { .launcher:hover { transform: scale(1.05); } }
.launcher svg { width: 28px; height: 28px; }
.launcher:focus-visible { outline-offset: 3px; }
.badge {
  position: absolute; top: -3px; right: -3px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: #b3261e; color: #fff; font-size: 12px; font-weight: 700; line-height: 22px; text-align: center;
}

.panel {
  position: relative; display: flex; flex-direction: column; width: min(400px, calc(100vw - 2 * var(--offset)));
  height: min(660px, calc(100vh - 2 * var(--offset))); height: min(660px, calc(100dvh - 2 * var(--offset)));
  overflow: hidden; background: var(--surface); border: 1px solid var(--line); border-radius: 18px; box-shadow: var(--shadow);
  animation: rise .18s ease-out;
}
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
header { display: flex; align-items: center; gap: 12px; padding: 14px 10px 14px 16px; background: var(--header); color: var(--on-header); }
header .mark { display: grid; place-items: center; width: 38px; height: 38px; border-radius: 12px; background: color-mix(in srgb, currentColor 16%, transparent); }
@media (prefers-color-scheme: dark) { header { border-bottom: 1px solid var(--line); } header .mark { background: var(--accent); color: var(--on-accent); } }
.mark svg { width: 22px; height: 22px; }
.title { flex: 1; min-width: 0; }
h2 { font-size: 16px; font-weight: 650; line-height: 1.3; overflow-wrap: anywhere; }
.presence { font-size: 13px; line-height: 1.35; }
.icon { display: grid; place-items: center; flex: none; width: 44px; height: 44px; border-radius: 12px; }
header .icon:hover { background: color-mix(in srgb, currentColor 14%, transparent); }
header :focus-visible { outline-color: currentColor; outline-offset: -3px; }
.save svg, .close svg { width: 22px; height: 22px; }
.save + .close { margin-left: -8px; }

.banner { padding: 8px 16px; background: var(--warn-back); color: var(--warn); font-size: 13.5px; }
.link { text-decoration: underline; text-underline-offset: 2px; font-weight: 600; border-radius: 3px; }

.middle { position: relative; display: flex; flex: 1; flex-direction: column; min-height: 0; }
.scroller { flex: 1; min-height: 0; overflow: hidden auto; overscroll-behavior: contain; padding: 18px 16px 14px; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.scroller:focus-visible { outline-offset: -3px; border-radius: 6px; }
.greeting { max-width: 92%; font-size: 17px; line-height: 1.45; margin-bottom: 18px; text-wrap: pretty; overflow-wrap: anywhere; }
.list { display: flex; flex-direction: column; gap: 14px; }
.row { display: flex; flex-direction: column; align-items: flex-start; max-width: 88%; }
.row.customer { align-self: flex-end; align-items: flex-end; max-width: 84%; }
.row.steward + .row.steward, .row.agent + .row.agent, .row.customer + .row.customer { margin-top: -8px; }
.sender { margin: 0 0 3px 2px; font-size: 12.5px; font-weight: 600; color: var(--quiet); }
.row.steward + .row.steward .sender, .row.agent + .row.agent .sender { display: none; }
.bubble { max-width: 100%; padding: 9px 13px; border-radius: 16px 16px 16px 5px; background: var(--raised); white-space: pre-wrap; overflow-wrap: anywhere; }
.customer .bubble { border-radius: 16px 16px 5px 16px; background: var(--mine); color: var(--on-mine); }
.agent .bubble { background: var(--surface); box-shadow: inset 0 0 0 1.5px var(--accent); }
.item { display: block; padding-left: 1em; text-indent: -1em; }
.interrupted .bubble::after { content: "…"; }
.customer:not([data-state="delivered"]) .bubble { opacity: .78; }
.customer[data-state="refused"] .bubble { opacity: 1; background: var(--surface); color: var(--text); box-shadow: inset 0 0 0 1.5px var(--bad); }
.note { margin: 3px 3px 0 0; font-size: 12.5px; line-height: 1.4; color: var(--quiet); text-align: end; }
.note:empty { display: none; }
[data-state="refused"] .note { color: var(--bad); }
/* "Delivered" is said once, under the newest message that was. */
.customer[data-state="delivered"]:has(~ .row:not(.typing)) .note { display: none; }

.status { align-self: center; max-width: 92%; padding: 2px 10px; text-align: center; font-size: 13px; color: var(--quiet); overflow-wrap: anywhere; }

.dots { display: flex; gap: 5px; padding: 14px; }
.dots span { width: 7px; height: 7px; border-radius: 50%; background: var(--quiet); animation: dot 1.2s infinite ease-in-out; }
.dots span:nth-child(2) { animation-delay: .15s; }
.dots span:nth-child(3) { animation-delay: .3s; }
@keyframes dot { 0%, 60%, 100% { opacity: .35; } 30% { opacity: 1; } }

.citations { max-width: 100%; margin-top: 6px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chips li { max-width: 100%; }
.chip {
  display: flex; align-items: center; gap: 6px; max-width: 100%; min-height: 28px; padding: 3px 10px 3px 4px; border: 1px solid var(--line);
  border-radius: 14px; background: var(--surface); font-size: 12.5px; line-height: 1.3; color: var(--quiet);
}
.chip:hover, .chip[aria-expanded="true"] { border-color: var(--accent); color: var(--text); }
.chip-number { display: grid; place-items: center; flex: none; min-width: 19px; height: 19px; border-radius: 10px; background: var(--raised); color: var(--text); font-weight: 650; font-size: 11.5px; }
.chip[aria-expanded="true"] .chip-number { background: var(--accent); color: var(--on-accent); }
.chip-title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 230px; }
.quote { margin-top: 8px; scroll-margin: 14px; padding: 10px 12px; border: 1px solid var(--line); border-left: 3px solid var(--accent); border-radius: 4px 10px 10px 4px; font-size: 13.5px; line-height: 1.5; overflow-wrap: anywhere; }
.quote-title { font-weight: 650; }
.quote blockquote { margin-top: 3px; max-height: 220px; overflow-y: auto; white-space: pre-wrap; color: var(--quiet); }
.quote blockquote + blockquote { margin-top: 8px; padding-top: 8px; border-top: 1px solid var(--line); }
.quote a { display: inline-block; margin-top: 6px; color: var(--text); }

.suggestions { display: flex; flex-direction: column; align-items: flex-start; gap: 8px; }
.suggestions button { max-width: 100%; min-height: 40px; padding: 8px 15px; border: 1px solid var(--accent); border-radius: 20px; text-align: start; overflow-wrap: anywhere; }
@media (hover: hover) { .suggestions button:hover { background: color-mix(in srgb, var(--accent) 10%, transparent); } }
.to-end {
  position: absolute; left: 50%; bottom: 10px; display: grid; place-items: center; width: 40px; height: 40px; margin-left: -20px;
  border: 1px solid var(--line); border-radius: 50%; background: var(--surface); box-shadow: 0 2px 10px rgb(0 0 0 / .2);
}
.to-end svg { width: 20px; height: 20px; }

.handoff { display: flex; align-items: center; gap: 10px; padding: 10px 16px; background: color-mix(in srgb, var(--accent) 12%, var(--surface)); font-size: 14px; line-height: 1.4; overflow-wrap: anywhere; }
.handoff svg { width: 20px; height: 20px; }
.confirm { display: flex; flex-wrap: wrap; gap: 8px; padding: 12px 16px; border-top: 1px solid var(--line); background: var(--raised); }
.confirm p { flex-basis: 100%; font-size: 14px; }
.solid, .confirm .plain { min-height: 40px; padding: 6px 16px; border-radius: 10px; font-weight: 600; font-size: 14px; }
.solid { background: var(--accent); color: var(--on-accent); }
.confirm .plain { border: 1px solid var(--control); }

.composer { padding: 10px 12px 0; border-top: 1px solid var(--line); }
.notice { padding: 0 4px 8px; font-size: 13.5px; line-height: 1.4; color: var(--bad); overflow-wrap: anywhere; }
.field { display: flex; align-items: flex-end; gap: 4px; border: 1px solid var(--control); border-radius: 16px; background: var(--surface); }
.field:focus-within { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
textarea {
  flex: 1; min-width: 0; height: 46px; max-height: 150px; padding: 11px 4px 11px 14px; border: 0; background: none; resize: none; line-height: 24px;
  font-size: 16px; overflow-y: auto; scrollbar-width: thin;
}
textarea:focus-visible { outline: none; }
textarea::placeholder { color: var(--quiet); opacity: 1; }
.send { width: 36px; height: 36px; margin: 4px; border-radius: 12px; background: var(--accent); color: var(--on-accent); }
.send svg { width: 20px; height: 20px; }
.send:disabled { background: var(--raised); color: var(--quiet); }
.counter { padding: 4px 6px 0; font-size: 12.5px; text-align: end; color: var(--quiet); font-variant-numeric: tabular-nums; }
.counter.over { color: var(--bad); font-weight: 600; }
footer { display: flex; justify-content: space-between; gap: 4px; padding: 4px 8px 6px; padding-bottom: max(6px, env(safe-area-inset-bottom)); }
footer .plain { display: flex; align-items: center; gap: 6px; min-height: 36px; padding: 4px 8px; border-radius: 8px; font-size: 13px; color: var(--quiet); }
@media (hover: hover) { footer .plain:hover:not(:disabled) { color: var(--text); background: var(--raised); } }
footer .plain:disabled { visibility: hidden; }
footer svg { width: 17px; height: 17px; }
.announcer { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (max-width: 480px), (max-height: 430px) {
  :host([open]) { inset: 0; }
  .panel { position: fixed; inset: 0; width: auto; height: var(--visible-height, 100dvh); border: 0; border-radius: 0; padding: 0 env(safe-area-inset-right) 0 env(safe-area-inset-left); }
  header { padding-top: max(12px, env(safe-area-inset-top)); }
}
@media (max-height: 430px) {
  header { padding-block: 4px; }
  .presence { display: none; }
}
@media (prefers-reduced-motion: reduce) {
  .panel, .dots span { animation: none; }
  .dots span { opacity: .7; }
  .launcher { transition: none; }
}
@media (forced-colors: active) {
  .bubble, .chip-number, .launcher, .send, .solid { border: 1px solid; }
}
`;

export const stylesheet = new CSSStyleSheet();
stylesheet.replaceSync(css);
