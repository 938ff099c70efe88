// The licences of what was bundled: one text of every package that files are of, with version, licence name and licence text.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {readonly string[]} files paths of what was bundled
 * @param {readonly string[]} compiledIn packages that are part of the output without being imported
 */
export function thirdPartyText(files, compiledIn = []) {
  const bundled = files.flatMap((path) => packageOf(path) ?? []);
  const names = [...new Set([...bundled, ...compiledIn])].sort();
  const head = `This folder contains code of ${names.length} other packages, under these licences.\n`;
  return [head, ...names.map(entry)].join(`\n${"-".repeat(100)}\n`);
}

function packageOf(path) {
  const after = path.split("node_modules/").at(-1);
  if (after === path) return undefined;
  const [first, second] = after.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

function entry(name) {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  if (!license || files.length === 0) {
    throw new Error(
      `third-party: ${name} is bundled and must bring a licence, got name ${license} and ${files.length} files`,
    );
  }
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts, ""].join("\n\n");
}
