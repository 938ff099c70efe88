// The residual stream as a sum: what the embedding, each head, each MLP and the biases put into it. That it is one needs no linearity, only blocks
// that add what they make to what they read.
import type { Model } from "../models";
import { namedTensors } from "../nn/module";
import { headName } from "./circuits";
import { type Probed, probe, type Sequences } from "./probe";

export interface StreamPart {
  /** "token", "position", "L0H1", "L0 bias", "L0 MLP", "L0 unit" */
  readonly name: string;
  readonly layer?: number;
  readonly head?: number;
  /** [B, T, C] */
  readonly data: Float32Array;
}

export interface Stream {
  readonly B: number;
  readonly T: number;
  readonly C: number;
  /** In the order in which they are added. Their sum is `whole`. */
  readonly parts: readonly StreamPart[];
  /** [B, T, C] */
  readonly whole: Float32Array;
}

/**
 * The parts of the residual stream after the last block, or of what block `before` reads.
 *
 * @throws Error for a model whose blocks rescale the sum that they make: `stream: reason`
 */
export function residualStream(model: Model, tokens: Sequences, before?: number): Stream {
  const why = streamRefusal(model);
  if (why !== undefined) throw new Error(`stream: ${why}`);
  const { layers } = model.config;
  const end = before ?? layers;
  if (!(Number.isInteger(end) && end >= 0 && end <= layers))
    throw new Error(`stream: block must be 0..${layers}, got ${before}`);
  const wanted = streamPaths(model, end);
  return sumOfParts(
    model,
    probe(model, tokens, [...wanted, "token", streamAt(layers, 0), streamAt(layers, end)]),
    end,
  );
}

/** Where blocks write, with the heads of attention one by one where there are heads. */
function streamPaths(model: Model, end: number): string[] {
  return model.tapPaths.filter((path) => {
    const [, layer, part] =
      /^blocks\.(\d+)\.(attention\.heads|attention\.output|mlp\.output)$/.exec(path) ?? [];
    return (
      layer !== undefined && Number(layer) < end && (part !== "attention.output" || model.kind === "gau")
    );
  });
}

function streamAt(layers: number, block: number): string {
  return block < layers ? `blocks.${block}.input` : "stream";
}

function sumOfParts(model: Model, found: Readonly<Record<string, Probed>>, end: number): Stream {
  const at = (path: string) => found[path]!.data; // asked for above
  const { layers } = model.config;
  const [B, T, C] = found.token!.shape as [number, number, number];
  const [token, start] = [at("token"), at(streamAt(layers, 0))];
  // Positions in the stream, if there are: what is there before the first block besides the token.
  const placed = start.map((value, i) => value - token[i]!);
  const parts: StreamPart[] = [
    { name: "token", data: token },
    ...(placed.some((value) => value !== 0) ? [{ name: "position", data: placed }] : []),
    ...streamPaths(model, end).flatMap((path) => partsAt(model, path, found[path]!)),
  ];
  return { B, T, C, parts, whole: at(streamAt(layers, end)) };
}

function partsAt(model: Model, path: string, { data, shape }: Probed): StreamPart[] {
  const layer = Number(path.split(".")[1]);
  if (path.endsWith("mlp.output")) return [{ name: `L${layer} MLP`, layer, data }];
  if (path.endsWith("attention.output")) return [{ name: `L${layer} unit`, layer, data }];
  const [B, T, H, C] = shape as [number, number, number, number];
  const heads = Array.from({ length: H }, (_, head) => ({
    ...{ name: headName({ layer, head }), layer, head },
    data: data.filter((_, i) => Math.floor(i / C) % H === head),
  }));
  const bias = namedTensors(model).get(`blocks.${layer}.attention.output.bias`)?.values();
  if (!bias) return heads;
  const everywhere = Float32Array.from({ length: B * T * C }, (_, i) => bias[i % C]!);
  return [...heads, { name: `L${layer} bias`, layer, data: everywhere }];
}

/** Why the stream is no sum of what was put into it. */
function streamRefusal(model: Model): string | undefined {
  if (model.kind === "gau" && model.config.placement === "post")
    return "a norm after every unit rescales the stream, so it is no sum of parts; use placement pre";
  return undefined;
}
