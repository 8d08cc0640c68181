/** The desk's settings: the team, keys, canned replies, the rules in force, the widget's looks; what agents may not do; both schemes, on phones. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deskOf } from "../lib/desk.mjs";
import { keep } from "../lib/pictures.mjs";
import { PASSWORD } from "../lib/server.mjs";
import { until } from "../lib/until.mjs";
import { PHONE, faultsSoFar, serverOfItsOwn } from "../lib/world.mjs";

const SECTIONS = {
  general: "General", intents: "Intents", appearance: "Appearance", canned: "Canned replies", members: "Members", keys: "API keys", webhooks: "Webhooks", audit: "Audit log",
};

const heading = (desk, name) => desk.page.getByRole("heading", { name, level: 1, exact: true });

async function deskFor(role, options) {
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  if (role === "agent") await server.member("ben", "agent");
  return { server, desk: await deskOf(server, role === "agent" ? "ben" : "ada", options) };
}

for (const [colorScheme, device] of [["light", {}], ["dark", PHONE]]) {
  test(`every page of settings is whole and accessible, ${colorScheme}${device === PHONE ? ", phone" : ""}`, async () => {
    const { server, desk } = await deskFor("admin", { colorScheme, reducedMotion: "reduce", ...device });
    for (const [section, name] of Object.entries(SECTIONS)) {
      await desk.page.goto(`${server.url}/desk/settings/${section}`);
      await heading(desk, name).waitFor();
      await desk.isAccessible(name);
      assert.equal(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${name} is no wider than the window`);
      await keep(desk.page, `settings-${section}-${colorScheme}`);
    }
    await desk.page.goto(`${server.url}/desk/account`);
    await heading(desk, "Your account").waitFor();
    await desk.isAccessible("the account");
    await keep(desk.page, `account-${colorScheme}`);
  });
}

test("an admin adds a member, who signs in; disables them, and they are out", async () => {
  const { server, desk } = await deskFor("admin", { path: "/desk/settings/members" });
  await desk.button("Add a member").click();
  await desk.button("Add").last().click();
  await desk.page.getByText("This is needed.").first().waitFor();
  await desk.page.getByLabel("Name").fill("cleo");
  await desk.page.getByLabel("Password", { exact: true }).fill("short");
  await desk.page.keyboard.press("Enter");
  await desk.page.getByText(/at least \d+ characters/).waitFor();
  await desk.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await desk.page.keyboard.press("Enter");
  await desk.page.getByRole("rowheader", { name: "cleo" }).waitFor();
  const hers = await deskOf(server, "cleo");
  await desk.button("What to do with cleo").click();
  await desk.page.getByRole("menuitem", { name: "Disable" }).click();
  await desk.button("Disable").last().click();
  await desk.page.getByText("Disabled", { exact: true }).waitFor();
  await hers.page.goto(`${server.url}/desk`);
  await until(() => hers.page.url().includes("/desk/sign-in"), "the disabled member is signed out");
});

test("a key is shown once, works, and is refused once it is revoked", async () => {
  const { server, desk } = await deskFor("admin", { path: "/desk/settings/keys" });
  await desk.button("Make a key").click();
  await desk.page.getByLabel("What it is for").fill("reports");
  await desk.button("Make the key").click();
  const key = await desk.page.getByLabel("The key reports").inputValue();
  const status = async () => (await fetch(`${server.url}/v1/desk/conversations`, { headers: { authorization: `Bearer ${key}` } })).status;
  assert.equal(await status(), 200);
  await desk.button("I have it").click();
  await desk.page.reload();
  await desk.page.getByText("reports", { exact: true }).waitFor();
  assert.equal(await desk.page.getByText(key).count(), 0, "it is not shown again");
  await desk.button("Revoke").click();
  await desk.button("Revoke").last().click();
  await desk.page.getByText("Revoked", { exact: true }).waitFor();
  await until(async () => (await status()) === 401, "the key is refused");
});

test("what an admin changes holds at once, what cannot be is said at the setting, and nothing unsaved is lost silently", async () => {
  const { server, desk } = await deskFor("admin", { path: "/desk/settings/general" });
  const threshold = desk.page.getByLabel("Hand over from this risk on, as a number");
  await threshold.fill("0.6");
  await desk.page.getByText("once Steward is 60% sure").waitFor();
  await desk.page.getByRole("link", { name: "Members" }).click();
  await desk.page.getByText("Leave without saving?").waitFor();
  await desk.button("Cancel").last().click();
  await desk.button("Save").click();
  await desk.page.getByText("Saved, and in force").first().waitFor();
  await desk.page.reload();
  assert.equal(await threshold.inputValue(), "0.6");
  await threshold.fill("7");
  await desk.button("Save").click();
  await desk.page.getByText(/hand_off_from/).first().waitFor();
  await desk.button("Drop").click();
  await desk.button("Undo the change made here").click();
  await desk.button("Save").click();
  await until(async () => (await threshold.inputValue()) === "0.74", "it is Steward's own again");
  await desk.page.goto(`${server.url}/desk/settings/audit`);
  await desk.page.getByText(/settings/i).first().waitFor();
});

test("the widget's looks are shown before they are saved, and then are those of the site", async () => {
  const { server, desk } = await deskFor("admin", { path: "/desk/settings/appearance" });
  const preview = desk.page.frameLocator("iframe").locator("steward-chat");
  await desk.page.getByLabel("Heading").fill("Fernhill support");
  await preview.getByText("Fernhill support").waitFor();
  const told = async () => (await (await fetch(`${server.url}/v1/widget`)).json()).heading;
  assert.notEqual(await told(), "Fernhill support", "nothing is saved by looking");
  await desk.button("Save").click();
  await until(async () => (await told()) === "Fernhill support", "the widget is told");
  await preview.getByText("Fernhill support").waitFor();
  await keep(desk.page, "settings-appearance-preview");
});

test("an intent is added by example, and tried", async () => {
  const { desk } = await deskFor("admin", { path: "/desk/settings/intents" });
  await desk.page.getByLabel("A customer's message").fill("Where is my parcel?");
  await desk.page.getByText("order status").first().waitFor();
  await desk.button("Add an intent").click();
  await desk.page.getByLabel("Name").fill("boat_rental");
  await desk.page.getByLabel("Examples, one a line").fill("can I rent a rowing boat\nhow much is a kayak for a day\ndo you rent out boats on the lake\nI would like to hire a canoe\nboat rental prices");
  await desk.button("Save").click();
  await desk.page.getByText(/^Saved/).first().waitFor();
  await desk.page.getByText("changed", { exact: true }).waitFor({ state: "detached" });
});

test("agents are not offered what only admins may do, and are told so where an address leads there", async () => {
  const { server, desk } = await deskFor("agent", { path: "/desk/settings" });
  await heading(desk, "Intents").waitFor();
  const offered = await desk.page.getByRole("navigation", { name: "Settings" }).getByRole("link").allTextContents();
  assert.deepEqual(offered.sort(), ["Canned replies", "Intents"]);
  assert.equal(await desk.button("Add an intent").count(), 0);
  await desk.page.goto(`${server.url}/desk/settings/members`);
  await desk.page.getByText("Members is for admins").waitFor();
  await desk.page.goto(`${server.url}/desk/knowledge`);
  await heading(desk, "Knowledge").waitFor();
  assert.equal(await desk.button("Write an article").count(), 0);
});

test("a canned reply is written, marked, found and deleted", async () => {
  const { desk } = await deskFor("agent", { path: "/desk/settings/canned" });
  await desk.button("Add a canned reply").click();
  await desk.page.getByLabel("Title").fill("Refund is on its way");
  await desk.page.getByRole("textbox", { name: "Shortcut" }).fill("refund");
  await desk.page.getByLabel("Text").fill("Hi {{customer.name}}, your refund is on its way.");
  await desk.button("Save").click();
  await desk.page.getByRole("article", { name: "Refund is on its way" }).getByText("customer.name").waitFor();
  await desk.page.getByLabel("Find a canned reply").fill("parcel");
  await desk.page.getByText("None of these").waitFor();
  await desk.page.getByLabel("Find a canned reply").fill("refund");
  await desk.button("Delete Refund is on its way").click();
  await desk.button("Delete").last().click();
  await desk.page.getByText("Write it once").waitFor();
});

test("a member changes their password by keyboard alone", async () => {
  const { server, desk } = await deskFor("agent", { path: "/desk/account" });
  const { page } = desk;
  await page.getByLabel("Your password now").focus();
  await page.keyboard.type("not my password at all");
  await page.getByLabel("New password").focus();
  await page.keyboard.type("seven calm lamps at noon");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").first().waitFor();
  await page.getByLabel("Your password now").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByText("Your password is another one now").first().waitFor();
  const answer = await fetch(`${server.url}/v1/team/sign-in`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name: "ben", password: "seven calm lamps at noon" }) });
  assert.equal(answer.status, 200);
  assert.deepEqual(faultsSoFar(), []);
});
