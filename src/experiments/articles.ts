// The articles that the experiments answer to, and how the claims say so: a claim belongs to every article that its source cites. Who adds
// an experiment on another article adds a row.

import type { JudgedClaim, Result } from "./result";

export interface Article {
  readonly title: string;
  /** How a claim's source names it: any of these words. */
  readonly cited: readonly string[];
}

/** By the name that tables have room for. */
export const articles = {
  "Scan and Snap": {
    title:
      "Tian et al. 2023, Scan and Snap: Understanding Training Dynamics and Token Composition in 1-layer Transformer, arXiv:2305.16380",
    cited: ["Tian et al. 2023"],
  },
  JoMA: {
    title:
      "Tian et al. 2024, JoMA: Demystifying Multilayer Transformers via JOint Dynamics of MLP and Attention, arXiv:2310.00535",
    cited: ["Tian et al. 2024"],
  },
  "Mathematical Framework": {
    title: "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits",
    cited: ["Elhage et al. 2021"],
  },
  "Induction heads": {
    title: "Olsson et al. 2022, In-context Learning and Induction Heads, arXiv:2209.11895",
    cited: ["Olsson et al. 2022"],
  },
  Synthesizer: {
    title: "Tay et al. 2021, Synthesizer: Rethinking Self-Attention for Transformer Models, arXiv:2005.00743",
    cited: ["Tay et al. 2021"],
  },
  "Entropy-invariant scale": {
    title: "Su 2021, From the invariance of entropy to the scale of attention, kexue.fm/archives/8823",
    cited: ["kexue.fm/archives/8823"],
  },
  "Gated attention unit": {
    title:
      "Hua et al. 2022, Transformer Quality in Linear Time, arXiv:2202.10447; Su 2022, kexue.fm/archives/8934, 9019 and 9052",
    cited: ["Hua et al. 2022", "archives/8934", "archives/8990", "archives/9019", "archives/9052"],
  },
  "Decoder-only": {
    title: "Su 2023, Why are current LLMs all decoder-only architectures?, kexue.fm/archives/9529 and 9547",
    cited: ["archives/9529", "archives/9547"],
  },
  "Flaws of relative positions": {
    title:
      "Luo et al. 2022, Your Transformer May Not be as Powerful as You Expect (URPE), arXiv:2205.13401; Su 2022, kexue.fm/archives/9105",
    cited: ["Luo et al. 2022", "archives/9105"],
  },
  "Length extrapolation": {
    title:
      "Su 2023, on the length extrapolation of transformers, kexue.fm/archives/9431, 9444, 9577, 9603 and 9731; Ruoss et al. 2023, arXiv:2305.16843",
    cited: [
      "archives/9431",
      "archives/9444",
      "archives/9577",
      "archives/9603",
      "archives/9731",
      "Ruoss et al. 2023",
    ],
  },
  "Naive Bayes Attention": {
    title: "Su 2023, Naive Bayes is all you need?, kexue.fm/archives/9648",
    cited: ["kexue.fm/archives/9648"],
  },
  NBCE: {
    title:
      "Su 2023, Naive Bayes-based Context Extension, kexue.fm/archives/9617, and what followed, kexue.fm/archives/9632",
    cited: ["kexue.fm/archives/9617", "kexue.fm/archives/9632"],
  },
} as const satisfies Readonly<Record<string, Article>>;

export type ArticleName = keyof typeof articles;

/** The articles that a claim's source cites; none for what is heed's own. */
export function articlesOf(source: string): ArticleName[] {
  const names = Object.keys(articles) as ArticleName[]; // its own keys
  return names.filter((name) => articles[name].cited.some((words) => source.includes(words)));
}

/** A judged claim with where it comes from. */
export interface LocatedClaim extends JudgedClaim {
  readonly experiment: string;
  /** Names of `articles`; where it cites none of them "own", or the work that it does cite. */
  readonly article: string;
}

export function locatedClaims({ experiment, claims }: Pick<Result, "experiment" | "claims">): LocatedClaim[] {
  return claims.map((claim) => {
    const known = articlesOf(claim.source).join(", ");
    const [first = ""] = claim.source.split(/[,;:(]/);
    const other = first.startsWith("own") ? "own" : first.trim();
    return { experiment, article: known || other, ...claim };
  });
}
