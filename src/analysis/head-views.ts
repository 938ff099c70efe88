// Three ways to see a head: where it looks, how much arrives from there, and what that says about the next token (Elhage et al. 2021).
import type { Model } from "../models";
import { namedTensors } from "../nn/module";
import { expectAnswers } from "./attribution";
import type { HeadPlace } from "./circuits";
import { type Probed, probe } from "./probe";
import { readout } from "./readout";

export interface HeadView extends HeadPlace {
  /** A [T, T]: row i is what token i attends to. */
  readonly weights: Float32Array;
  /** |v_j| [T]: how long the value of each source is. A head that rests on a token may do so because its value is nothing. */
  readonly valueNorms: Float64Array;
  /** A_ij (v_j W_O) · u [T, T]: what source j adds at token i, directly, to the logit of the answer there. Rows sum to the head's attribution. */
  readonly effects: Float64Array;
}

/**
 * Every head while the model reads one sequence, layer by layer. A final norm is held as it was in the run.
 *
 * @param answers the tokens that effects are about, [T], negative for none; by default the next one, and none after the last
 * @throws Error for a model whose heads do not weigh values: `headViews: reason`
 */
export function headViews(
  model: Model,
  tokens: ArrayLike<number>,
  answers: ArrayLike<number> = Array.from(tokens).slice(1).concat(-1),
): HeadView[] {
  const T = tokens.length;
  const { heads: H, kvHeads: G, width: C, layers, vocabulary } = model.config;
  const why = viewRefusal(model);
  if (why !== undefined) throw new Error(`headViews: ${why}`);
  expectAnswers(answers, T, vocabulary);
  const names = layers > 0 ? ["blocks.*.attention.weights", "blocks.*.attention.value"] : [];
  const found = probe(model, tokens, [...names, "stream"]);
  const at = (path: string): Probed => found[path]!; // asked for above
  const read = readout(model, at("stream").data);
  const directions = Array.from(answers, (token, i) => (token < 0 ? undefined : read.direction(i, token)));
  const tensors = namedTensors(model);
  return Array.from({ length: layers }, (_, layer) => {
    const own = (name: string) => `blocks.${layer}.attention.${name}`;
    const [weights, values] = [at(own("weights")).data, at(own("value"))];
    const D = values.shape[3]!; // [1, T, G, D]
    const output = tensors.get(own("output.weight"))!.values(); // [H D, C]
    return Array.from({ length: H }, (_, head): HeadView => {
      const pattern = weights.slice(head * T * T, (head + 1) * T * T);
      const value = (j: number) => {
        const start = (j * G + Math.floor((head * G) / H)) * D;
        return values.data.subarray(start, start + D);
      };
      const effects = new Float64Array(T * T);
      for (const [i, direction] of directions.entries()) {
        if (!direction) continue;
        // W_O u [D]: what the head's values are measured by.
        const measure = Float64Array.from({ length: D }, (_, d) =>
          dot(output.subarray((head * D + d) * C), direction),
        );
        for (let j = 0; j < T; j++) effects[i * T + j] = pattern[i * T + j]! * dot(value(j), measure);
      }
      const valueNorms = Float64Array.from({ length: T }, (_, j) => Math.sqrt(dot(value(j), value(j))));
      return { layer, head, weights: pattern, valueNorms, effects };
    });
  }).flat();
}

/** A_ij |v_j| [T, T]: how much arrives from where. */
export function valueWeighted({
  weights,
  valueNorms,
}: Pick<HeadView, "weights" | "valueNorms">): Float64Array {
  const T = valueNorms.length;
  return Float64Array.from(weights, (weight, at) => weight * valueNorms[at % T]!);
}

/** Over the length of b. */
function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function viewRefusal(model: Model): string | undefined {
  if (model.kind === "gau")
    return "gated units multiply what they mix by a gate, so sources add no effects of their own";
  const { attention } = model.config;
  if (attention.startsWith("linear")) return `${attention} keeps sums of sources, it has no weights to show`;
  return undefined;
}
