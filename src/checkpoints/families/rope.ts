// Rotary positions in a config.json: the base and the part of a head that turns, and what stretches them.
import type { Options } from "../../attention/options";
import { stretchedBase } from "../../attention/position/frequencies";
import type { GptConfig } from "../../models/config";
import { type Json, Settings } from "../settings";

interface Usual {
  readonly base: number;
  readonly headWidth: number;
  /** How much of a head turns. */
  readonly share: number;
}

type Scaling = Options["ropeScaling"];

/** What each kind of scaling may be described by; anything else would change the model unseen. */
const KNOWN: Readonly<Record<Scaling, readonly string[]>> = {
  none: [],
  linear: ["factor"],
  dynamic: ["factor"],
  llama3: ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
  yarn: [
    "factor",
    "original_max_position_embeddings",
    "attention_factor",
    "beta_fast",
    "beta_slow",
    "truncate",
  ],
};
const COMMON = ["type", "rope_type", "rope_theta", "partial_rotary_factor"];
const NAMES: Readonly<Record<string, Scaling>> = {
  default: "none",
  linear: "linear",
  dynamic: "dynamic",
  llama3: "llama3",
  yarn: "yarn",
};

/**
 * The rotary options and the context. Newer files have all of it in `rope_parameters`, older ones `rope_scaling` and settings around it.
 * Where the stated positions are those before stretching, the context is what the stretching is for.
 * @throws Error for a scaling that heed does not know
 */
export function ropeOptions(settings: Settings, usual: Usual): Partial<GptConfig> {
  const given = settings.inside("rope_parameters") ?? settings.inside("rope_scaling") ?? new Settings({});
  const share = given.real("partial_rotary_factor", settings.real("partial_rotary_factor", usual.share));
  const type = given.word("rope_type", given.word("type", "default"));
  const ropeScaling = NAMES[type];
  if (ropeScaling === undefined) {
    throw new Error(
      `config.json: rope scaling must be one of ${Object.keys(NAMES).join(", ")}, got "${type}"`,
    );
  }
  const foreign = given.names.find((name) => ![...COMMON, ...KNOWN[ropeScaling]].includes(name));
  if (foreign !== undefined && ropeScaling !== "none")
    throw new Error(
      `config.json: rope scaling ${type} with ${foreign} is not supported; remove it if it does nothing`,
    );
  given.expect("truncate", true, "heed takes whole pairs as the bounds of the ramp");
  const positions = settings.whole("max_position_embeddings", 2048);
  const rotary = Math.floor(usual.headWidth * share);
  const shared: Partial<GptConfig> = {
    position: "rope",
    context: positions,
    ropeBase: given.real("rope_theta", usual.base),
    ...(rotary !== usual.headWidth && { rotaryWidth: rotary }),
  };
  if (ropeScaling === "none") return shared;
  const factor = given.real("factor");
  const trained = given.whole("original_max_position_embeddings", positions);
  return {
    ...shared,
    ropeScaling,
    ropeFactor: factor,
    trained,
    // Of llama3 files the stated positions are the stretched ones.
    context: ropeScaling === "llama3" ? positions : Math.max(positions, Math.floor(trained * factor)),
    ropeSlow: given.real("low_freq_factor", given.real("beta_slow", 1)),
    ropeFast: given.real("high_freq_factor", given.real("beta_fast", 32)),
    ropeAmplitude: given.real("attention_factor", 0),
  };
}

/** The other way: the base with heed's stretching worked in, and what older and newer programs read of the rest. */
export function ropeSettings(config: GptConfig): Json & { readonly base: number } {
  const { ropeScaling, ropeFactor, ropeSlow, ropeFast, ropeAmplitude, trained, context } = config;
  const base = stretchedBase(config, config.rotaryWidth || config.width / config.heads);
  if (ropeScaling === "none") return { base, max_position_embeddings: context };
  const before = trained || context;
  const range = { original_max_position_embeddings: before };
  const described: Readonly<Record<Exclude<Scaling, "none">, Json>> = {
    linear: {},
    dynamic: {},
    llama3: { low_freq_factor: ropeSlow, high_freq_factor: ropeFast, ...range },
    yarn: {
      ...{ beta_slow: ropeSlow, beta_fast: ropeFast, ...range },
      ...(ropeAmplitude > 0 && { attention_factor: ropeAmplitude }),
    },
  };
  return {
    base,
    max_position_embeddings: ropeScaling === "llama3" ? context : before,
    rope_scaling: { rope_type: ropeScaling, factor: ropeFactor, ...described[ropeScaling] },
  };
}
