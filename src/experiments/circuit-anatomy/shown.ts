// One short sequence as a trained model reads it, for the viewer of attention, and the table of what a token raises.
import { type Circuits, fullOv, type HeadCircuit } from "../../analysis/circuits";
import { headViews } from "../../analysis/head-views";
import { circuitsOf } from "../../analysis/model-circuits";
import { words } from "../../data/made-up-names";
import type { AttentionOnly } from "../../models/attention-only";
import { rounded } from "../rounded";
import type { AnatomyTask } from "./task";

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
  const circuits = circuitsOf(model);
  const isWords = model.config.vocabulary === words.length;
  return {
    tokens: Array.from(tokens, (token) => (isWords ? words[token]! : String(token))),
    heads: headViews(model, tokens, sample.subarray(1)).map((view) => ({
      ...{ layer: view.layer, head: view.head },
      weights: Array.from(view.weights, rounded),
      valueNorms: Array.from(view.valueNorms, rounded),
      effects: Array.from(view.effects, rounded),
      overTokens: tableOf(circuits, circuits.layers[view.layer]![view.head]!), // a head of the model
    })),
  };
}

function tableOf(circuits: Circuits, head: HeadCircuit): number[][] {
  const over = fullOv(circuits, head);
  return Array.from({ length: over.rows }, (_, token) => Array.from(over.row(token), rounded));
}
