/** What the editor of an article looks like, and an article in it. */

import { css } from "/design/index.js";

export const article = css`
.back { display: inline-flex; align-items: center; gap: 4px; margin-block-end: 6px; color: var(--st-quiet); font-size: var(--st-text-s); text-decoration: none; }
.back:hover { color: var(--st-text); text-decoration: underline; }
.editor { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 18px; align-items: stretch; }
.write { display: grid; gap: 12px; align-content: start; }
.tools { display: flex; flex-wrap: wrap; gap: 2px; margin-block-end: -6px; }
.prose { max-block-size: 640px; overflow: auto; line-height: 1.6; overflow-wrap: anywhere; }
.prose > * + * { margin-block-start: .75em; }
.prose h1, .prose h2, .prose h3 { margin-block-start: 1.2em; line-height: 1.3; }
.prose h1 { font-size: 1.3rem; }
.prose h2 { font-size: 1.1rem; }
.prose h3 { font-size: 1rem; }
.prose > :first-child { margin-block-start: 0; }
.prose ul { list-style: disc; padding-inline-start: 1.4em; }
.prose ol { list-style: decimal; padding-inline-start: 1.6em; }
.prose li + li { margin-block-start: .25em; }
.prose blockquote { padding-inline-start: 14px; border-inline-start: 3px solid var(--st-line); color: var(--st-quiet); }
.prose pre { padding: 10px 12px; border-radius: var(--st-radius); background: var(--st-raised); overflow: auto; }
.prose th, .prose td { padding: 6px 10px; border: 1px solid var(--st-line); }
.prose hr { border: 0; border-block-start: 1px solid var(--st-line); }
.lines { max-block-size: 300px; overflow: auto; margin: 10px 0; padding: 10px 12px; border-radius: var(--st-radius); background: var(--st-surface); font: var(--st-text-s)/1.55 var(--st-mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.lines .mine { background: var(--st-bad-soft); }
.lines .theirs { background: var(--st-good-soft); }
@media (max-width: 980px) { .editor { grid-template-columns: minmax(0, 1fr); } }
`;
