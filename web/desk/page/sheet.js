/** What the pages of the desk beside the inbox look like: head, cards, tables, bars of changes. */

import { css } from "/design/index.js";

export const page = css`
:host { display: block; block-size: 100%; overflow: auto; background: var(--st-bg); scrollbar-gutter: stable; }
.page { max-inline-size: 1180px; margin-inline: auto; padding: 24px 28px 72px; display: grid; gap: 18px; }
.page.narrow { max-inline-size: 860px; }
.head { display: flex; flex-wrap: wrap; align-items: end; gap: 10px 20px; }
.head .words { flex: 1 1 300px; min-inline-size: 0; }
.head h1 { font-size: var(--st-text-xxl); overflow-wrap: anywhere; }
.head p { margin-block-start: 3px; color: var(--st-quiet); max-inline-size: 68ch; text-wrap: pretty; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.card { min-inline-size: 0; padding: 18px 20px; border: 1px solid var(--st-line); border-radius: var(--st-radius-l); background: var(--st-surface); box-shadow: var(--st-shadow); }
.card.flush { padding: 0; overflow: hidden; }
.card > .card-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; margin-block-end: 12px; }
.card > .card-head h2 { flex: 1 1 auto; }
.card > .card-head p { flex-basis: 100%; color: var(--st-quiet); font-size: var(--st-text-s); max-inline-size: 76ch; text-wrap: pretty; }
.card.flush > .card-head { padding: 16px 20px 0; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); gap: 18px; }
.stack { display: grid; gap: 14px; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; }
.grow { flex: 1 1 auto; min-inline-size: 0; }
.end { display: flex; justify-content: end; gap: 8px; flex-wrap: wrap; }

.scroll { overflow-x: auto; }
table { inline-size: 100%; border-collapse: collapse; }
th, td { padding: 10px 12px; border-block-end: 1px solid var(--st-line); text-align: start; vertical-align: middle; font-weight: 400; }
th:first-child, td:first-child { padding-inline-start: 20px; }
th:last-child, td:last-child { padding-inline-end: 20px; }
thead th { color: var(--st-quiet); font-size: var(--st-text-s); font-weight: 600; white-space: nowrap; }
tbody tr:last-child > * { border-block-end: 0; }
tbody tr:hover { background: var(--st-raised); }
.figure { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.sort { display: inline-flex; align-items: center; gap: 4px; font-weight: 600; }
.sort:hover { color: var(--st-text); }
td .actions { justify-content: end; flex-wrap: nowrap; }

.pill { display: inline-flex; align-items: center; gap: 5px; padding: 1px 8px; border-radius: 10px; background: var(--st-hover); color: var(--st-text); font-size: var(--st-text-xs); font-weight: 600; line-height: 1.6; white-space: nowrap; }
.pill.good { background: var(--st-good-soft); color: var(--st-good-text); }
.pill.warn { background: var(--st-warn-soft); color: var(--st-warn-text); }
.pill.bad { background: var(--st-bad-soft); color: var(--st-bad-text); }
.pill.info { background: var(--st-info-soft); color: var(--st-info-text); }
.callout { display: flex; gap: 12px; padding: 14px 18px; border-radius: var(--st-radius-l); background: var(--st-info-soft); color: var(--st-text); }
.callout h1 { font-size: var(--st-text-l); }
.callout > svg { margin-block-start: 1px; color: var(--st-info-text); }
.callout.warn { background: var(--st-warn-soft); }
.callout.warn > svg { color: var(--st-warn-text); }
.callout.bad { background: var(--st-bad-soft); }
.callout.bad > svg { color: var(--st-bad-text); }
.empty { display: grid; justify-items: center; gap: 6px; padding: 44px 20px; text-align: center; color: var(--st-quiet); }
.empty h2 { color: var(--st-text); }
.empty p { max-inline-size: 52ch; text-wrap: pretty; }
.waiting { display: grid; gap: 18px; }
.waiting i { display: block; block-size: 120px; border-radius: var(--st-radius-l); background: var(--st-hover); animation: breathe 1.4s ease-in-out infinite alternate; }
.waiting i:first-child { block-size: 56px; inline-size: 40%; }
.waiting i:last-child { block-size: 300px; }
@keyframes breathe { from { opacity: .45; } }
.changes {
  position: sticky; inset-block-end: 16px; z-index: 3; display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; padding: 10px 12px 10px 18px; padding-inline: 18px 12px;
  border: 1px solid var(--st-line); border-radius: var(--st-radius-l); background: var(--st-surface); box-shadow: var(--st-shadow-l);
}
.changes p { flex: 1 1 200px; font-weight: 560; }
@media (prefers-reduced-motion: reduce) { .waiting i { animation: none; } }
@media (max-width: 640px) {
  .page { padding: 18px 14px 64px; gap: 14px; }
  .card { padding: 16px 14px; }
  .card.flush { padding: 0; }
  th, td { padding: 9px 8px; }
  th:first-child, td:first-child { padding-inline-start: 14px; }
  th:last-child, td:last-child { padding-inline-end: 14px; }
}
`;
