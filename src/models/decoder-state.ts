// What decoding keeps of a batch of sequences: the state of every layer, their padding, and where their tokens stand.
import type { AttentionState } from "../attention/attention";
import { type PlacementConfig, placesOf } from "../attention/position/placement";
import type { Places } from "../attention/position/places";
import type { Padding } from "../nn/run";
import type { Rng } from "../tensor/rng";
import { scope } from "../tensor/tensor";
import type { DecodeState } from "./model";

export class DecoderState implements DecodeState {
  readonly layers: readonly AttentionState[];
  #length = 0;
  /** Places before the first token of each sequence. */
  #pads: readonly number[] | undefined;
  /** The number in the order of positions that each token has, and the next will have, where it is not 0, 1, 2, ... */
  #order: { readonly held: readonly number[]; readonly next: number } | undefined;

  constructor(layers: readonly AttentionState[]) {
    this.layers = layers;
  }

  get length(): number {
    return this.#length;
  }

  /** How many positions are in use with so many more tokens. */
  reach(tokens: number): number {
    return (this.#order?.next ?? this.#length) + tokens;
  }

  /**
   * The padding of a call with so many more tokens: what the first call says holds for all.
   * @throws Error where a later one says something
   */
  padding(given: Padding | undefined, tokens: number): Padding | undefined {
    if (given && this.#length > 0)
      throw new Error(`decode: padding comes with the first tokens, got it after ${this.#length}`);
    if (given?.side === "right") return given; // which attention refuses
    if (given) this.#pads = given.lengths.map((length) => tokens - length);
    const all = this.#length + tokens;
    return this.#pads && { side: "left", lengths: this.#pads.map((pads) => all - pads) };
  }

  /** The places of all tokens with so many more. */
  places(config: PlacementConfig, tokens: number, rng: Rng | undefined): Places {
    if (!this.#order) return placesOf(config, this.#length + tokens, rng);
    const { at } = placesOf(config, this.reach(tokens));
    return { at: Float64Array.from(this.#with(tokens), (i) => at[i]!) }; // reach is above all of them
  }

  /** So many tokens more are in the layers' states. */
  advance(tokens: number): void {
    if (this.#order) this.#order = { held: this.#with(tokens), next: this.reach(tokens) };
    this.#length += tokens;
  }

  /** Gives the first token another position than the first one. */
  startAt(position: number): void {
    this.#order = { held: [], next: position };
  }

  /** Adds the tokens of another state of one sequence, from number `first` on: they keep their positions, the next one comes after all. */
  take(other: DecoderState, first: number): void {
    scope(() => {
      for (const [layer, state] of this.layers.entries()) state.take(other.layers[layer]!, first); // of the same model
    });
    const [mine, theirs] = [this.#with(0), other.#with(0).slice(first)];
    this.#order = { held: [...mine, ...theirs], next: Math.max(this.reach(0), other.reach(0)) };
    this.#length += theirs.length;
  }

  release(): void {
    for (const layer of this.layers) layer.release();
  }

  #with(tokens: number): number[] {
    const held = this.#order?.held ?? Array.from({ length: this.#length }, (_, i) => i);
    return [...held, ...Array.from({ length: tokens }, (_, i) => this.reach(i))];
  }
}
