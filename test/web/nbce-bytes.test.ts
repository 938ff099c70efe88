// Answers of a model whose tokens are bytes, as GPT-2's may be: a letter of two of them is told once it is whole.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { heed } from "./heed";
import { answered } from "./nbce-run";
import { openPage, playground } from "./page";

const here = playground();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "heed-web-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("letters of two tokens stand in the answer, and in the strip under the token that completes them", async () => {
  const [text, tokenizer, run] = ["text.txt", "bytes.json", "run"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(text, "éü".repeat(1000));
  writeFileSync(tokenizer, JSON.stringify(byteTokenizer()));
  const tiny = "--layers 1 --heads 2 --width 32 --context 32 --steps 100 --lr 0.01 --build portable".split(
    " ",
  );
  await heed("train", "--text", text, "--tokenizer", tokenizer, ...tiny, "--out", run);

  const words = {
    question: "éü",
    contexts: JSON.stringify(["éüéü"]),
    maxTokens: "7",
    template: "{context}{question}",
  };
  const { page, errors } = await openPage(
    here.browser,
    `${here.site.address}#nbce?${new URLSearchParams(words)}`,
  );
  const files = [...readdirSync(run).map((name) => join(run, name)), text];
  await page.locator("input[type=file]").setInputFiles(files);
  await page.getByText("Model: gpt on text").waitFor();
  await answered(page, 7);
  // Of the last letter only the first byte was asked for.
  expect(await page.locator(".sample").textContent()).toBe("éüéüé\uFFFD");
  expect(await page.locator(".strip .token").allInnerTexts()).toEqual(["", "é", "", "ü", "", "é", "\uFFFD"]);
  expect(errors).toEqual([]);
});

/** Every byte a token, spelled as GPT-2's tokenizer does: those that no text shows stand further on. */
function byteTokenizer() {
  const shown = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let hidden = 0;
  const spelled = Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(shown(byte) ? byte : 256 + hidden++),
  );
  const level = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    ...{ version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: null },
    ...{ pre_tokenizer: level, post_processor: null, decoder: level },
    model: {
      ...{ type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: null },
      ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false },
      ...{ vocab: Object.fromEntries(spelled.map((name, byte) => [name, byte])), merges: [] },
    },
  };
}
