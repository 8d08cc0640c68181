/** What axe-core finds against WCAG 2.2, levels A and AA, and its best practices, in the chat or in the whole page. */

import { readFile } from "node:fs/promises";

const AXE = new URL("../node_modules/axe-core/axe.min.js", import.meta.url);
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Each finding as `rule: where, what`; none where all is well.
 * @param {import("playwright-core").Page} page  @param {string} part a selector; what is outside is somebody else's
 */
export async function breaches(page, part = "steward-chat") {
  const source = await readFile(AXE, "utf8");
  const isThere = await page.evaluate(() => "axe" in window);
  // Evaluated from outside the page: no policy of the page stands against it, and none is loosened for it.
  if (!isThere) await page.evaluate(source);
  return page.evaluate(
    async ({ part, rules }) => {
      const results = await window.axe.run(part, { runOnly: rules, resultTypes: ["violations"] });
      return results.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}, ${failureSummary}`));
    },
    { part, rules: RULES },
  );
}
