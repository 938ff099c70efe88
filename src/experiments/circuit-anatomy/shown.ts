// One short sequence as a trained model reads it, for the viewer of attention, and the table of what a token raises.
import { allHeads, type Circuits, fullOv } from "../../analysis/circuits";
import { matrix, product } from "../../analysis/matrix";
import { circuitsOf } from "../../analysis/model-circuits";
import { words } from "../../data/made-up-names";
import type { AttentionOnly } from "../../models/attention-only";
import { rounded } from "../rounded";
import type { AnatomyTask } from "./task";
import { part, watch } from "./watch";

export type Shown = {
  readonly tokens: readonly string[];
  readonly heads: readonly {
    readonly layer: number;
    readonly head: number;
    /** [T, T], to three digits. */
    readonly weights: readonly number[];
    /** [T] */
    readonly valueNorms: readonly number[];
    /** [T, T]: what source j adds through this head to the logit of the token after i. */
    readonly effects: readonly number[];
    /** W_E OV W_U, [V][V]: what attending to a token (row) adds to each logit. */
    readonly overTokens: readonly (readonly number[])[];
  }[];
};

/** Tokens that are shown: two and a half blocks. */
const LENGTH = 30;

export function shownRun(model: AttentionOnly, task: AnatomyTask): Shown {
  const sample = task.repeated[0]!.subarray(0, LENGTH + 1); // there are samples
  const tokens = sample.subarray(0, LENGTH);
  const run = watch(model, tokens);
  const circuits = circuitsOf(model);
  return {
    tokens: Array.from(tokens, (token) =>
      model.config.vocabulary === words.length ? words[token]! : `${token}`,
    ),
    heads: allHeads(circuits).map((circuit) => {
      const { layer, head, ov } = circuit;
      const weights = run.patterns[layer]![head]!;
      const writes = product(ov.right, circuits.unembedding);
      const values = Array.from(tokens, (_, source) => part(run.values[layer]!, source, head, model.config));
      const toLogits = values.map((value) => product(matrix(1, ov.rank, value), writes).values);
      return {
        ...{ layer, head },
        weights: Array.from(weights, rounded),
        valueNorms: values.map((value) => rounded(Math.sqrt(value.reduce((sum, x) => sum + x * x, 0)))),
        effects: Array.from(weights, (weight, at) => {
          const [query, source] = [Math.floor(at / LENGTH), at % LENGTH];
          return rounded(weight * toLogits[source]![sample[query + 1]!]!);
        }),
        overTokens: tableOf(circuits, circuit),
      };
    }),
  };
}

function tableOf(circuits: Circuits, head: Parameters<typeof fullOv>[1]): number[][] {
  const over = fullOv(circuits, head);
  return Array.from({ length: over.rows }, (_, token) => Array.from(over.row(token), rounded));
}
