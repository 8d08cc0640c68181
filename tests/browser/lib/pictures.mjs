/** Pictures for a person to look at, in $STEWARD_SCREENSHOTS or target/browser-screenshots. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = process.env.STEWARD_SCREENSHOTS ?? fileURLToPath(new URL("../../../target/browser-screenshots", import.meta.url));

/**
 * Keeps what the page shows as `name`.png.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export async function keep(page, name) {
  await mkdir(FOLDER, { recursive: true });
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
