// A mixture of variants: their logits, weighted by learned numbers that do not depend on the input, make one attention.
//
// Before the softmax a weighted sum of logits is a product of experts: P is proportional to the product of softmax(S_t)^alpha_t.
import { table } from "../nn/module";
import { mixLogits } from "../ops/logits";
import { matmul } from "../ops/matmul";
import { full } from "../ops/random";
import { softmax } from "../ops/softmax";
import { type Tensor, tensor } from "../tensor/tensor";
import { standardOptions } from "./options";
import type { ScoreContext, Scorer, ScorerConfig, ScoreState, Variant } from "./scorer";
import { scorers } from "./scorers";

export class Mixture implements Scorer {
  readonly members: readonly Scorer[];
  /** [H or 1, M]; one column less where a sigmoid divides between two. Not there when members are only added. */
  readonly lambda?: Tensor;
  readonly #kind: "softmax" | "sigmoid" | "sum";

  constructor(config: ScorerConfig) {
    const { heads, options, rng } = config;
    const names = memberNames(options.members);
    if (options.alpha === "sigmoid" && names.length !== 2)
      throw new Error(`mixture: alpha sigmoid divides between two members, got ${names.length}; use softmax`);
    this.members = names.map((name, index) =>
      scorers[name].create({ ...config, rng: rng.fork("members", index) }),
    );
    this.#kind = options.alpha;
    const columns = options.alpha === "sigmoid" ? 1 : names.length;
    if (options.alpha !== "sum")
      this.lambda = table(full([options.alphaPer === "head" ? heads : 1, columns], 0));
  }

  scores(x: Tensor, context: ScoreContext): Tensor {
    const states = context.state instanceof MixtureState ? context.state.members : [];
    const logits = this.members.map((member, index) =>
      member.scores(x, { ...context, run: context.run.at(`members.${index}`), state: states[index] }),
    );
    return mixLogits(logits, context.run.tap("alpha", this.alpha()));
  }

  /** The weights of the members, [H or 1, M]. */
  alpha(): Tensor {
    if (!this.lambda) return full([1, this.members.length], 1);
    if (this.#kind === "softmax") return softmax(this.lambda);
    // sigmoid(l) is the first of softmax(l, 0).
    return softmax(matmul(this.lambda, tensor([1, 0], [1, 2])));
  }

  createState(batch: number, capacity: number): ScoreState {
    return new MixtureState(this.members.map((member) => member.createState?.(batch, capacity)));
  }
}

class MixtureState implements ScoreState {
  readonly members: readonly (ScoreState | undefined)[];

  constructor(members: readonly (ScoreState | undefined)[]) {
    this.members = members;
  }

  release(): void {
    for (const member of this.members) member?.release();
  }
}

type MemberName = keyof typeof scorers;

/**
 * The names in "random-synthesizer,dot-product".
 * @throws Error unless there are two or more, each a variant that gives scores
 */
export function memberNames(members: string): MemberName[] {
  const names = members.split(",").flatMap((name) => name.trim() || []);
  if (names.length < 2) {
    throw new Error(
      `mixture: two members at least are needed, one alone would be no mixture, got ${names.length} in "${members}"`,
    );
  }
  return names.map((name) => {
    if (isMember(name)) return name;
    throw new Error(`mixture: members must be among ${Object.keys(scorers).join(", ")}, got "${name}"`);
  });
}

function isMember(name: string): name is MemberName {
  return Object.hasOwn(scorers, name);
}

export const mixture: Variant = {
  paper:
    "Tay et al. 2021, arXiv:2005.00743: mixtures, sum over t of alpha_t S_t, alpha = softmax(lambda) per head and layer",
  // Those members that have keys see the position.
  hasKeys: ({ members = standardOptions.members }) =>
    memberNames(members).some((name) => scorers[name].hasKeys),
  absolute: true,
  hasScores: true,
  create: (config) => new Mixture(config),
};
