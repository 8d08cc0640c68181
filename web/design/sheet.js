/**
 * Style sheets that shadow roots adopt: no inline style, so they hold under a strict content security policy.
 *
 * `css` makes one from a template; `base` is what every shadow root of the design system starts from: the reset, type, links,
 * the focus ring, and a few classes for what is too small to be a component.
 */

/**
 * @param {TemplateStringsArray} strings
 * @param {...(string|number)} values
 * @returns {CSSStyleSheet}
 */
export function css(strings, ...values) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(String.raw({ raw: strings.raw }, ...values));
  return sheet;
}

export const base = css`
*, *::before, *::after { box-sizing: border-box; }
:host { display: block; }
:host([hidden]), [hidden] { display: none !important; }
h1, h2, h3, h4, p, ul, ol, dl, dd, figure, blockquote, fieldset { margin: 0; padding: 0; }
ul, ol { list-style: none; }
fieldset { border: 0; min-inline-size: 0; }
h1 { font-size: var(--st-text-xl); line-height: 1.25; font-weight: 650; letter-spacing: -.01em; }
h2 { font-size: var(--st-text-l); line-height: 1.3; font-weight: 650; }
h3 { font-size: var(--st-text-m); line-height: 1.35; font-weight: 650; }
button, input, textarea, select { font: inherit; color: inherit; letter-spacing: inherit; }
button { border: 0; background: none; padding: 0; cursor: pointer; text-align: start; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
button:disabled { cursor: default; }
a { color: var(--st-accent-text); text-decoration: underline; text-decoration-color: color-mix(in srgb, currentColor 40%, transparent); text-underline-offset: 2px; }
a:hover { text-decoration-color: currentColor; }
svg { display: block; flex: none; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--st-accent); outline-offset: 2px; border-radius: var(--st-radius-s); }
kbd { display: inline-block; min-inline-size: 1.6em; padding: 0 .4em; border: 1px solid var(--st-line); border-block-end-width: 2px; border-radius: 5px; background: var(--st-raised); color: var(--st-quiet); font: 600 .6875rem/1.6 var(--st-font); text-align: center; }
code { font-family: var(--st-mono); font-size: .92em; }
.quiet { color: var(--st-quiet); }
.small { font-size: var(--st-text-s); }
.cut { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.num { font-variant-numeric: tabular-nums; }
.sr { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
