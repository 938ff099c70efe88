// Runs to begin with, each with what it shows. What a sentence promises is tested (test/web/train-examples.test.ts).
import { html, type TemplateResult } from "lit-html";
import type { Words } from "../address";

interface Example {
  readonly title: string;
  readonly words: Words;
  readonly shows: string;
}

const COPYING: Words = {
  data: "repeated-text",
  model: "attention-only",
  position: "relative",
  width: "64",
  lr: "0.01",
};

const SENTENCES: Words = { width: "64", lr: "0.01", steps: "300" };

/** Answers from what it copies, too: the NBCE tab leads here. */
export const smearedKeys: Example = {
  title: "One layer of smeared keys does",
  words: { ...COPYING, layers: "1", smear: "yes" },
  shows:
    "Each key is mixed with the one before, so that one layer is enough, and it is earlier (Olsson et al. 2022, argument 2).",
};

export const examples: readonly Example[] = [
  {
    title: "Two layers learn to copy",
    words: COPYING,
    shows:
      "Blocks of text come back. Between steps 100 and 200 the loss falls at once: a head of the second layer looks at what followed the same token before, an induction head (Olsson et al. 2022).",
  },
  {
    title: "One layer does not",
    words: { ...COPYING, layers: "1" },
    shows:
      "The same with a layer less: there is nothing in front of it that could tell a key which token stood before (Elhage et al. 2021).",
  },
  smearedKeys,
  {
    title: "Sentences of a small grammar",
    words: SENTENCES,
    shows: "A GPT falls below the floor of pairs of letters, and writes sentences.",
  },
  {
    title: "Attention that never looks at a token",
    words: { ...SENTENCES, attention: "random-synthesizer" },
    shows:
      "A learned matrix in place of products of queries and keys does as well on these sentences (Tay et al. 2021).",
  },
];

export function examplesView(begin: (words: Words) => void): TemplateResult {
  return html`<ul class="examples">
    ${examples.map(
      ({ title, words, shows }) =>
        html`<li><button type="button" @click=${() => begin(words)}>${title}</button><p>${shows}</p></li>`,
    )}
  </ul>`;
}
