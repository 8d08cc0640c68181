/**
 * Whether the code of others under web/ is what its npm package holds, byte for byte, under a licence that deny.toml allows.
 * Part of `npm run check`.
 */

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGES = join(ROOT, "tests/browser/node_modules");

/** Where each package's files lie, and what they are called in the package. */
const VENDORED = {
  uplot: {
    directory: "web/desk/vendor/uplot",
    files: { "uPlot.esm.js": "dist/uPlot.esm.js", "uPlot.esm.d.ts": "dist/uPlot.d.ts", "uPlot.min.css": "dist/uPlot.min.css", LICENSE: "LICENSE" },
  },
};

const read = (...path) => readFileSync(join(...path));
const [, listed] = /^allow = \[\n(.*?)^\]/ms.exec(read(ROOT, "deny.toml").toString());
const allowed = [...listed.matchAll(/"(.+?)"/g)].map(([, licence]) => licence);
const table = read(ROOT, "web/desk/vendor/README.md").toString();
const faults = [];

for (const [name, { directory, files }] of Object.entries(VENDORED)) {
  const { version, license } = JSON.parse(read(PACKAGES, name, "package.json").toString());
  if (!allowed.includes(license)) faults.push(`${name}: deny.toml does not allow ${license}`);
  if (!new RegExp(`${name}\\S* ${version.replaceAll(".", "\\.")}\\b.*\\| ${license}`, "i").test(table)) {
    faults.push(`web/desk/vendor/README.md does not say ${name} ${version}, ${license}`);
  }
  for (const [file, original] of Object.entries(files)) {
    if (!read(ROOT, directory, file).equals(read(PACKAGES, name, original))) faults.push(`${directory}/${file} differs from ${name} ${version}`);
  }
  const others = readdirSync(join(ROOT, directory)).filter((file) => !(file in files));
  if (others.length > 0) faults.push(`${directory} holds what the package does not: ${others.join(", ")}`);
}
const directories = readdirSync(join(ROOT, "web/desk/vendor"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const { name } of directories) if (!(name in VENDORED)) faults.push(`web/desk/vendor/${name} is not listed in tests/browser/vendored.mjs`);

if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
