/**
 * The widget's looks, as an adopted stylesheet: no inline style, so it works under a strict content security policy.
 *
 * A page may set, on `steward-chat`: --steward-accent and --steward-on-accent (and the same with -dark for dark mode),
 * --steward-font, --steward-offset (distance from the corner), --steward-z. Everything is laid out by the direction of the
 * language, and the corner by that of the page: "right" is where a line ends.
 */

const css = `
:host {
  --offset: var(--steward-offset, 20px);
  position: fixed;
  inset-inline-end: max(var(--offset), env(safe-area-inset-right));
  bottom: max(var(--offset), env(safe-area-inset-bottom));
  z-index: var(--steward-z, 2147483000);
  font: 15px/1.5 var(--steward-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  letter-spacing: normal;
  text-transform: none;
  white-space: normal;
}
:host(:state(left)) { inset-inline: max(var(--offset), env(safe-area-inset-left)) auto; }
.root {
  --main: var(--steward-accent, var(--accent, #17594f));
  --on-main: var(--steward-on-accent, var(--accent_text, #fff));
  --main-dark: var(--steward-accent-dark, var(--accent_on_dark, #7fd0bd));
  --fill: light-dark(var(--main), var(--main-dark));
  --on-fill: light-dark(var(--on-main), var(--steward-on-accent-dark, #06231d));
  --edge: light-dark(var(--steward-accent, var(--accent_on_light, #17594f)), var(--main-dark));
  --header: light-dark(var(--main), #202824);
  --on-header: light-dark(var(--on-main), #e8eeeb);
  --mine: light-dark(var(--main), color-mix(in srgb, var(--main-dark) 30%, #161b19));
  --on-mine: light-dark(var(--on-main), #f2f7f5);
  --surface: light-dark(#fff, #161b19);
  --raised: light-dark(#f2f4f3, #242b28);
  --ink: light-dark(#1b2421, #e8eeeb);
  --quiet: light-dark(#56625d, #a4b1ab);
  --line: light-dark(#dbe1de, #343d39);
  --control: light-dark(#818d88, #7d8a84);
  --warn: light-dark(#7a4a00, #ffd591);
  --warn-back: light-dark(#fff3dc, #3a2c10);
  --bad: light-dark(#a32020, #ff9d94);
  --shadow: 0 2px 6px #0a1e1e33, 0 12px 44px #0a1e1e44;
  color-scheme: light dark;
  color: var(--ink);
  text-align: start;
}
.root.light { color-scheme: light; }
.root.dark { color-scheme: dark; }
*, ::before, ::after { box-sizing: border-box; }
:host([hidden]), [hidden] { display: none !important; }
p, h2, ol, ul, blockquote, fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
ol, ul { list-style: none; }
button, textarea, input { font: inherit; color: inherit; letter-spacing: inherit; }
button { border: 0; background: none; padding: 0; cursor: pointer; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
button:disabled { cursor: default; }
:is(.bubble, .quote *, .greeting, .choices button, .suggestions button, .file-name, textarea) { unicode-bidi: plaintext; text-align: start; }
svg { display: block; flex: none; width: 20px; height: 20px; }
:focus-visible { outline: 2px solid var(--edge); outline-offset: 2px; }
:focus:not(:focus-visible) { outline: none; }
a { color: inherit; text-underline-offset: 2px; }

.launcher {
  position: relative; display: grid; place-items: center; width: 60px; height: 60px; border-radius: 50%;
  background: var(--fill); color: var(--on-fill); box-shadow: var(--shadow); transition: transform .15s ease;
}
.launcher svg { width: 28px; height: 28px; }
.launcher:focus-visible { outline-offset: 3px; }
.badge {
  position: absolute; top: -3px; inset-inline-end: -3px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: #b3261e; color: #fff; font-size: 12px; font-weight: 700; line-height: 22px; text-align: center;
}

.panel {
  position: relative; display: flex; flex-direction: column; width: min(400px, calc(100vw - 2 * var(--offset))); height: min(660px, calc(100dvh - 2 * var(--offset)));
  overflow: hidden; background: var(--surface); border: 1px solid var(--line); border-radius: 18px; box-shadow: var(--shadow); animation: rise .18s ease-out;
}
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
.head { display: flex; align-items: center; padding: 14px 8px; padding-inline-start: 16px; background: var(--header); color: var(--on-header); border-bottom: 1px solid light-dark(transparent, var(--line)); }
.mark { display: grid; place-items: center; width: 38px; height: 38px; margin-inline-end: 12px; border-radius: 12px; background: color-mix(in srgb, currentColor 16%, transparent); }
.title { flex: 1; min-width: 0; }
h2 { font-size: 16px; font-weight: 650; line-height: 1.3; overflow-wrap: anywhere; }
.presence { font-size: 13px; line-height: 1.35; min-height: 1.35em; }
.icon { display: grid; place-items: center; flex: none; width: 40px; height: 44px; border-radius: 12px; }
.head .icon:hover { background: color-mix(in srgb, currentColor 14%, transparent); }
.head :focus-visible { outline-color: currentColor; outline-offset: -3px; }
[aria-pressed="true"] .mute { display: none; }

.banner, .away { padding: 8px 16px; background: var(--warn-back); color: var(--warn); font-size: 13.5px; overflow-wrap: anywhere; }
.away { background: var(--raised); color: var(--ink); }
.link { text-decoration: underline; text-underline-offset: 2px; font-weight: 600; border-radius: 3px; }

.middle { position: relative; display: flex; flex: 1; flex-direction: column; min-height: 0; }
.scroller { flex: 1; min-height: 0; overflow: hidden auto; overscroll-behavior: contain; padding: 18px 16px 14px; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.scroller:focus-visible { outline-offset: -3px; border-radius: 6px; }
.greeting { max-width: 92%; font-size: 17px; line-height: 1.45; margin-bottom: 18px; text-wrap: pretty; overflow-wrap: anywhere; }
.list { display: flex; flex-direction: column; gap: 14px; }
.row { display: flex; flex-direction: column; align-items: flex-start; max-width: 88%; }
.row.customer { align-self: flex-end; align-items: flex-end; max-width: 84%; }
.row.steward + .row.steward, .row.agent + .row.agent, .row.customer + .row.customer { margin-top: -8px; }
.sender { margin: 0 2px 3px; font-size: 12.5px; font-weight: 600; color: var(--quiet); }
.row.steward + .row.steward .sender, .row.agent + .row.agent .sender { display: none; }
.bubble { max-width: 100%; padding: 9px 13px; border-radius: 16px; border-end-start-radius: 5px; background: var(--raised); white-space: pre-wrap; overflow-wrap: anywhere; }
.bubble:empty { display: none; }
.customer .bubble { border-radius: 16px; border-end-end-radius: 5px; background: var(--mine); color: var(--on-mine); }
.agent .bubble { background: var(--surface); box-shadow: inset 0 0 0 1.5px var(--edge); }
.item { display: block; padding-inline-start: 1em; text-indent: -1em; }
.interrupted .bubble::after { content: "…"; }
.customer:not([data-state="delivered"]) .bubble { opacity: .9; }
.customer[data-state="refused"] .bubble { opacity: 1; background: var(--surface); color: var(--ink); box-shadow: inset 0 0 0 1.5px var(--bad); }
.note { margin: 3px 3px 0; font-size: 12.5px; line-height: 1.4; color: var(--quiet); text-align: end; }
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
  display: flex; align-items: center; gap: 6px; max-width: 100%; min-height: 28px; padding: 3px 4px; padding-inline-end: 10px; border: 1px solid var(--line);
  border-radius: 14px; background: var(--surface); font-size: 12.5px; line-height: 1.3; color: var(--quiet);
}
.chip:hover, .chip[aria-expanded="true"] { border-color: var(--edge); color: var(--ink); }
.chip-number { display: grid; place-items: center; flex: none; min-width: 19px; height: 19px; border-radius: 10px; background: var(--raised); color: var(--ink); font-weight: 650; font-size: 11.5px; }
.chip[aria-expanded="true"] .chip-number { background: var(--fill); color: var(--on-fill); }
.chip-title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 230px; }
.quote { margin-top: 8px; scroll-margin: 14px; padding: 10px 12px; border: 1px solid var(--line); border-inline-start: 3px solid var(--edge); border-radius: 8px; font-size: 13.5px; overflow-wrap: anywhere; }
.quote-title { font-weight: 650; }
.quote blockquote { margin-top: 3px; max-height: 220px; overflow-y: auto; white-space: pre-wrap; color: var(--quiet); }
.quote blockquote + blockquote { margin-top: 8px; padding-top: 8px; border-top: 1px solid var(--line); }
.quote a { display: inline-block; margin-top: 6px; color: var(--ink); }

.suggestions, .choices { display: flex; flex-direction: column; align-items: flex-start; gap: 8px; }
.choices { margin-top: 8px; }
.suggestions button, .choices button { max-width: 100%; min-height: 40px; padding: 8px 15px; border: 1px solid var(--edge); border-radius: 20px; text-align: start; overflow-wrap: anywhere; }
.to-end, .drop { position: absolute; inset: auto 0 10px; display: grid; place-items: center; width: 40px; height: 40px; margin: auto; border: 1px solid var(--line); border-radius: 50%; background: var(--surface); box-shadow: var(--shadow); }
.drop { inset: 8px; width: auto; height: auto; border: 2px dashed var(--edge); border-radius: 12px; font-weight: 600; }

.handoff { display: flex; align-items: center; gap: 10px; padding: 10px 16px; background: color-mix(in srgb, var(--edge) 12%, var(--surface)); font-size: 14px; line-height: 1.4; overflow-wrap: anywhere; }
.confirm, .card { display: flex; flex-wrap: wrap; gap: 8px; padding: 12px 16px; border-top: 1px solid var(--line); background: var(--raised); font-size: 14px; }
.confirm p { flex-basis: 100%; }
.solid, .outlined { min-height: 40px; padding: 6px 16px; border-radius: 10px; font-weight: 600; font-size: 14px; border: 1px solid var(--control); }
.solid { background: var(--fill); color: var(--on-fill); border-color: var(--edge); }

.card { max-height: 62%; overflow-y: auto; flex: none; }
.card form { flex: 1; display: grid; gap: 10px; min-width: 0; }
.card h3, .card legend { margin: 0; padding: 0; font-size: 15px; font-weight: 650; }
.card label { display: grid; gap: 3px; }
.card input:not([type="radio"]), .card textarea { width: 100%; min-height: 40px; padding: 8px 12px; font-size: 16px; line-height: 22px; border: 1px solid var(--control); border-radius: 10px; background: var(--surface); }
.card [aria-invalid="true"] { border-color: var(--bad); }
.options, .acts { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 6px; }
.options label { position: relative; flex: 1; min-width: 44px; display: grid; place-items: center; min-height: 44px; padding: 2px 8px; border: 1px solid var(--control); border-radius: 10px; background: var(--surface); }
.options input { position: absolute; inset: 0; opacity: 0; cursor: pointer; margin: 0; }
.options label:has(:checked) { background: var(--fill); color: var(--on-fill); border-color: var(--edge); }
.options label:has(:focus-visible) { outline: 2px solid var(--edge); outline-offset: 2px; }
.problem { color: var(--bad); font-size: 13.5px; }

.composer { padding: 10px 12px 0; border-top: 1px solid var(--line); }
.notice { padding: 0 4px 8px; font-size: 13.5px; line-height: 1.4; color: var(--bad); overflow-wrap: anywhere; }
.notice.calm { color: var(--quiet); }
.field { display: flex; align-items: flex-end; border: 1px solid var(--control); border-radius: 16px; background: var(--surface); }
.field:focus-within { border-color: var(--edge); box-shadow: 0 0 0 1px var(--edge); }
.field textarea { flex: 1; min-width: 0; height: 46px; max-height: 150px; padding: 11px 4px; padding-inline-start: 14px; border: 0; background: none; resize: none; line-height: 24px; font-size: 16px; overflow-y: auto; scrollbar-width: thin; }
.field textarea:focus-visible { outline: none; }
textarea::placeholder { color: var(--quiet); opacity: 1; }
.attach:not([hidden]) + .picker + textarea { padding-inline-start: 2px; }
.attach { color: var(--quiet); }
.send { width: 36px; height: 36px; margin: 4px; background: var(--fill); color: var(--on-fill); }
.send:disabled { background: var(--raised); color: var(--quiet); }
.counter { padding: 4px 6px 0; font-size: 12.5px; text-align: end; color: var(--quiet); font-variant-numeric: tabular-nums; }
.counter.over { color: var(--bad); font-weight: 600; }
.foot { display: flex; flex-wrap: wrap; justify-content: space-between; padding: 4px 8px max(6px, env(safe-area-inset-bottom)); }
.plain { display: flex; align-items: center; gap: 6px; min-height: 36px; padding: 4px 8px; border-radius: 8px; font-size: 13px; color: var(--quiet); text-align: start; }
.plain:hover { color: var(--ink); background: var(--raised); }
.plain:disabled { visibility: hidden; }
.plain svg { width: 17px; height: 17px; }

.uploads, .files { display: flex; flex-direction: column; gap: 6px; }
.uploads { max-height: 150px; overflow-y: auto; margin-bottom: 8px; }
.files { margin-top: 6px; max-width: 100%; }
.file { display: flex; align-items: center; gap: 8px; max-width: 100%; min-width: 0; padding: 5px 8px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); color: var(--ink); font-size: 13px; line-height: 1.3; text-align: start; }
.file canvas { flex: none; max-width: 40px; max-height: 40px; border-radius: 5px; }
.files .picture { display: grid; padding: 0; border: 0; background: none; }
.files .picture canvas { max-width: 100%; max-height: 220px; border-radius: 12px; border: 1px solid var(--line); }
.file-name { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.file small { display: block; color: var(--quiet); font-size: 12px; }
.file .problem { font-size: 12.5px; }
progress { width: 100%; height: 5px; accent-color: var(--edge); }

.announcer { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (max-width: 480px), (max-height: 430px) {
  :host([open]) { inset: 0; }
  .panel { position: fixed; inset: 0; width: auto; height: var(--visible-height, 100dvh); border: 0; border-radius: 0; padding: 0 env(safe-area-inset-right) 0 env(safe-area-inset-left); }
  .head { padding-top: max(12px, env(safe-area-inset-top)); }
  .popout { display: none; }
}
@media (max-width: 360px) { .mark { display: none; } }
@media (max-height: 430px) {
  .head { padding-block: 4px; }
  .presence { display: none; }
}
:host(:state(whole)) { inset: 0; }
:host(:state(whole)) .panel { position: fixed; inset: 0; width: auto; height: var(--visible-height, 100dvh); border: 0; border-radius: 0; }
:host(:state(whole)) :is(.popout, .close, .launcher) { display: none; }
:host(:state(bare)) .launcher { display: none; }
@media (hover: hover) {
  .launcher:hover { transform: scale(1.05); }
  :is(.suggestions, .choices) button:hover { background: color-mix(in srgb, var(--edge) 10%, transparent); }
}
@media (prefers-reduced-motion: reduce) {
  .panel, .dots span { animation: none; }
  .launcher { transition: none; }
}
@media (forced-colors: active) {
  .bubble, .chip-number, .launcher, .send, .solid, .badge { border: 1px solid; }
  .options label:has(:checked) { outline: 3px solid Highlight; }
}
`;

export const stylesheet = new CSSStyleSheet();
stylesheet.replaceSync(css);
