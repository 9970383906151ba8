// Writes src/generated/licenses.txt: the licences of everything that the built viewer contains.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const manifest = (name) => JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));

const names = new Set();
const collect = (name) => {
  if (names.has(name)) return;
  names.add(name);
  Object.keys(manifest(name).dependencies ?? {}).forEach(collect);
};
Object.keys(JSON.parse(readFileSync(join(here, "package.json"), "utf8")).dependencies).forEach(collect);

const parts = [...names].sort().map((name) => {
  const { version, license } = manifest(name);
  const folder = join(here, "node_modules", name);
  const file = readdirSync(folder).sort().find((entry) => /^licen[cs]e/iu.test(entry) && existsSync(join(folder, entry)));
  const text = file === undefined ? `License: ${license}` : readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
});
mkdirSync(join(here, "src/generated"), { recursive: true });
writeFileSync(join(here, "src/generated/licenses.txt"), parts.join(`\n${"-".repeat(72)}\n\n`));
