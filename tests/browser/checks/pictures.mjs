/** Pictures for a person to look at; what no assertion sees. They go to $STEWARD_SCREENSHOTS or target/browser-screenshots. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { PHONE, visit } from "../lib/world.mjs";

const FOLDER = process.env.STEWARD_SCREENSHOTS ?? fileURLToPath(new URL("../../../target/browser-screenshots", import.meta.url));
const DEVICES = { desktop: {}, phone: PHONE };

for (const [device, options] of Object.entries(DEVICES)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`pictures: ${device}, ${colorScheme}`, async () => {
      await mkdir(FOLDER, { recursive: true });
      const chat = await visit({ ...options, colorScheme, reducedMotion: "reduce" });
      const picture = (name) => chat.page.screenshot({ path: join(FOLDER, `${device}-${colorScheme}-${name}.png`) });
      await picture("page");
      await chat.shopAs("Clara Stroud");
      await chat.page.locator("#customers").waitFor({ state: "hidden" });
      await chat.open();
      await chat.isOnline();
      await picture("greeting");
      await chat.ask("What's the status of my last order?");
      await chat.ask("How do I return something?");
      await chat.part("chip").last().click();
      await picture("conversation");
      await chat.part("person").click();
      await chat.part("handoff").waitFor();
      await chat.hasReplies(3);
      await picture("hand-off");
    });
  }
}
