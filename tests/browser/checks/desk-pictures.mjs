/** Pictures of each view of the desk, for a person to look at. They go where ./pictures.mjs puts those of the widget. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { deskOf } from "../lib/desk.mjs";
import { PHONE, serverOfItsOwn, visit } from "../lib/world.mjs";

const FOLDER = process.env.STEWARD_SCREENSHOTS ?? fileURLToPath(new URL("../../../target/browser-screenshots", import.meta.url));
const DEVICES = { desktop: { viewport: { width: 1440, height: 900 } }, tablet: { viewport: { width: 900, height: 1100 } }, phone: PHONE };
const STORIES = [
  ["Clara Stroud", ["What's the status of my last order?", "This is the third time I ask! It's a disgrace. I want a real person now."]],
  ["Carl Ibarra", ["Where is my tent?", "Can I talk to a person please?"]],
  ["Chidi Park", ["How do I return something?", "I need a person for this, thanks."]],
  ["Celia Lindqvist", ["How long does shipping take?"]],
];

test("pictures of the desk", async () => {
  await mkdir(FOLDER, { recursive: true });
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  await server.member("ben");
  for (const [name, words] of STORIES) {
    const chat = await visit({ server });
    await chat.shopAs(name);
    await chat.open();
    for (const each of words) await chat.ask(each);
    await chat.page.context().close();
  }
  const first = await deskOf(server, "ada");
  await first.openConversation("Clara Stroud");
  await first.page.keyboard.press("t");
  await first.say("Hello Clara, this is Ada. I'm sorry that you had to ask three times; I look into it right now.");
  await first.field.press("Escape");
  await first.page.keyboard.press("n");
  await first.field.fill("@ben do we have this tent in the other warehouse?");
  await first.field.press("Enter");
  await first.list.locator(".note").waitFor();
  for (const [device, options] of Object.entries(DEVICES)) {
    for (const colorScheme of ["light", "dark"]) {
      const desk = await deskOf(server, "ben", { ...options, colorScheme, reducedMotion: "reduce" });
      const picture = async (name) => {
        await desk.isLoaded();
        await desk.page.screenshot({ path: join(FOLDER, `desk-${device}-${colorScheme}-${name}.png`) });
      };
      await desk.page.goto(`${server.url}/desk?state=all`);
      await desk.rows.first().waitFor();
      await picture("inbox");
      await desk.openConversation("Carl Ibarra");
      await picture("conversation");
      for (const view of ["search?q=order", "mentions?show=all", "team"]) {
        await desk.page.goto(`${server.url}/desk/${view}`);
        await desk.page.locator("main h1").first().waitFor();
        await picture(view.split("?")[0]);
      }
      await desk.page.keyboard.press("?");
      await picture("keys");
      await desk.page.context().close();
    }
  }
});
