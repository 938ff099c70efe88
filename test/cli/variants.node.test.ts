// What changes the shape of a run (kinds of models, variants, normalisers, masks) trains from the command line, with whatever the other
// options are by default; masks that show the future are refused. That every value of every registry trains is the business of conformance.
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { attentions } from "../../src/attention";
import { type Mask, masks } from "../../src/attention/mask";
import { normalizers } from "../../src/attention/normalizer";
import { models } from "../../src/models";
import { inFreshFolder, run, TEXT, TINY } from "./heed";

inFreshFolder();

const SMALL = [...TINY, ..."--context 12 --batch 2 --steps 2 --prefix 3 --window 4".split(" ")];

const named = (flag: string, registry: object) => Object.keys(registry).map((name) => `--${flag} ${name}`);
const words = [
  ...named("model", models),
  ...named("attention", attentions),
  ...Object.entries<Mask>(masks).flatMap(([name, { hidesFuture }]) =>
    hidesFuture === "never" ? [] : [`--mask ${name}`],
  ),
  ...named("normalizer", normalizers),
  "--position urpe",
  "--model gau --normalizer relu2 --placement post",
];

test("each trains, and its report is made", async () => {
  writeFileSync("book.txt", TEXT);
  for (const [index, word] of words.entries()) {
    const out = String(index);
    const { code, stderr } = await run(
      "train",
      "--text",
      "book.txt",
      ...TINY,
      ...word.split(" "),
      "--out",
      out,
    );
    expect([word, code, code === 0 ? "" : stderr]).toEqual([word, 0, ""]);
  }
});

/** The names of the masks that show tokens what comes next, or of those that do not. */
const masksThat = (shows: boolean) =>
  Object.entries<Mask>(masks).flatMap(([name, { hidesFuture }]) =>
    (hidesFuture === "never") === shows ? [name] : [],
  );

test.each(masksThat(true))("a language model with the mask %s is refused", async (mask) => {
  writeFileSync("book.txt", TEXT);
  const { code, stderr } = await run("train", "--text", "book.txt", ...SMALL, "--mask", mask);
  expect(code).toBe(2);
  expect(stderr).toBe(
    `heed: train: mask ${mask} shows tokens what comes next, so there is nothing to predict; use ${masksThat(false).join(" or ")}\n`,
  );
});
