/** People sign in to the desk, see why they cannot, come where they wanted to, and are out when the session has ended. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deskOf } from "../lib/desk.mjs";
import { PASSWORD } from "../lib/server.mjs";
import { until } from "../lib/until.mjs";
import { browserOfItsOwn, serverOfItsOwn } from "../lib/world.mjs";

test("who signs in comes to the view of the address", async () => {
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  const desk = await deskOf(server, "ada", { path: "/desk/search?q=tent" });
  assert.equal(new URL(desk.page.url()).pathname, "/desk/search");
  assert.equal(await desk.page.locator("desk-search input[type=search]").inputValue(), "tent");
});

test("a wrong password is said as such, and too many failures say how long to wait", async () => {
  const server = await serverOfItsOwn();
  await server.member("ada");
  const page = await browserOfItsOwn();
  await page.goto(`${server.url}/desk`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Write your name").waitFor();
  const attempt = async () => {
    await page.getByLabel("Name").fill("ada");
    await page.getByLabel("Password", { exact: true }).fill("not the password at all");
    await page.getByLabel("Password", { exact: true }).press("Enter");
  };
  await attempt();
  await page.getByText("The name or the password is not right.").waitFor();
  const waits = page.getByText(/Too many failed sign-ins. You can try again in \d+ (seconds?|minutes)/);
  for (let round = 0; round < 20 && !(await waits.isVisible()); round += 1) {
    const before = page.waitForResponse(/\/v1\/team\/sign-in$/);
    await attempt();
    await before;
  }
  await waits.waitFor();
  assert.equal(await page.getByRole("button", { name: "Sign in" }).isDisabled(), true);
});

test("a session that has ended elsewhere leads to the sign-in, and back to the same place", async () => {
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  await server.member("ben");
  const desk = await deskOf(server, "ben", { path: "/desk/team" });
  await desk.page.getByRole("heading", { name: "Team" }).waitFor();
  const admin = await deskOf(server, "ada");
  const status = await admin.page.evaluate(async (password) => {
    const { csrf_token: csrf } = await (await fetch("/v1/team/session")).json();
    const answer = await fetch("/v1/team/members/ben/password", { method: "PUT", headers: { "content-type": "application/json", "x-steward-csrf": csrf }, body: JSON.stringify({ password }) });
    return answer.status;
  }, `${PASSWORD} anew`);
  assert.equal(status, 204);
  await until(() => new URL(desk.page.url()).pathname === "/desk/sign-in", "the desk asks to sign in");
  assert.equal(new URL(desk.page.url()).searchParams.get("next"), "/desk/team");
});
