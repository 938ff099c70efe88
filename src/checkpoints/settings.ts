// A config.json read setting by setting, each checked where it is read.
import type { ActivationName } from "../ops/activation";

/** What other programs call heed's activations. */
const ACTIVATIONS: Readonly<Record<string, ActivationName>> = {
  gelu: "gelu",
  gelu_new: "gelu-tanh",
  gelu_fast: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  relu: "relu",
  relu2: "square-relu",
  silu: "silu",
  swish: "silu",
};

export type Json = Readonly<Record<string, unknown>>;

export class Settings {
  readonly #values: Json;
  readonly #place: string;

  constructor(values: Json, place = "config.json") {
    this.#values = values;
    this.#place = place;
  }

  /** The value as it stands; what is null counts as missing. */
  get(name: string): unknown {
    return this.#values[name] ?? undefined;
  }

  get names(): readonly string[] {
    return Object.keys(this.#values);
  }

  whole(name: string, standard?: number): number {
    const value = this.get(name) ?? standard;
    if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
    return this.#fail(name, "a whole number", value);
  }

  real(name: string, standard?: number): number {
    const value = this.get(name) ?? standard;
    return typeof value === "number" ? value : this.#fail(name, "a number", value);
  }

  flag(name: string, standard: boolean): boolean {
    const value = this.get(name) ?? standard;
    return typeof value === "boolean" ? value : this.#fail(name, "true or false", value);
  }

  word(name: string, standard?: string): string {
    const value = this.get(name) ?? standard;
    return typeof value === "string" ? value : this.#fail(name, "text", value);
  }

  /** The settings inside one, as `rope_scaling` has; `undefined` where there are none. */
  inside(name: string): Settings | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    return isJson(value)
      ? new Settings(value, `${this.#place}: ${name}`)
      : this.#fail(name, "an object", value);
  }

  activation(name: string, standard: string): ActivationName {
    const word = this.word(name, standard);
    return ACTIVATIONS[word] ?? this.#fail(name, `one of ${Object.keys(ACTIVATIONS).join(", ")}`, word);
  }

  /** Refuses a setting that changes the model in a way that heed has not. */
  expect(name: string, wanted: unknown, why: string): void {
    const value = this.get(name);
    if (value === undefined || value === wanted) return;
    throw new Error(`${this.#place}: ${name} ${JSON.stringify(value)} is not supported, ${why}`);
  }

  #fail(name: string, rule: string, value: unknown): never {
    throw new Error(
      `${this.#place}: ${name} must be ${rule}, got ${value === undefined ? "nothing" : JSON.stringify(value)}`,
    );
  }
}

/** What another program calls an activation. */
export function foreignActivation(activation: ActivationName): string {
  // Every activation of heed's is a value of the table.
  return Object.keys(ACTIVATIONS).find((name) => ACTIVATIONS[name] === activation)!;
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
