// Logits from transformers.js (the npm package @huggingface/transformers): its causal language models, run by onnxruntime. The package is
// loaded only when a source reads something, and only where it was not handed over; heed does not depend on it.
import type { LogitsSource } from "./source";

/** What this file uses of a tensor of transformers.js. */
interface ForeignTensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
  /** Copies to another type of numbers. */
  to(type: "float32"): ForeignTensor;
}

type Feeds = Readonly<Record<string, unknown>>;
type Outputs = Readonly<Record<string, unknown>> & { readonly logits: ForeignTensor };

/** An `AutoModelForCausalLM`. */
export interface ForeignModel {
  forward(inputs: Feeds): Promise<Outputs>;
  readonly config: object;
}

/** The module. */
export interface ForeignLibrary {
  readonly Tensor: new (type: "int64", data: BigInt64Array, dims: number[]) => object;
}

/** Under a name that bundlers do not follow. */
const PACKAGE = "@huggingface/transformers";

/**
 * A source over a loaded model:
 *
 *     const model = await AutoModelForCausalLM.from_pretrained("HuggingFaceTB/SmolLM2-135M-Instruct", { dtype: "q4" });
 *     const source = transformersSource(model);
 *
 * @param library the module, where the page cannot import it by its name
 */
export function transformersSource(model: ForeignModel, library?: ForeignLibrary): LogitsSource {
  const context = positionsOf(model.config);
  return {
    context,
    async prefill(rows) {
      const { Tensor }: ForeignLibrary = library ?? (await import(/* @vite-ignore */ PACKAGE));
      const integers = (values: readonly number[], width: number) =>
        new Tensor("int64", BigInt64Array.from(values, BigInt), [rows.length, width]);
      const longest = rows.reduce((most, { length }) => Math.max(most, length), 0);
      let total = longest;
      let past: Feeds | null = null;
      /** The tokens of all rows, each row so many that its last are new. */
      const read = async (tokens: readonly (readonly number[])[], width: number) => {
        const pads = rows.map((row) => longest - row.length);
        const place = (pad: number, t: number) => Math.max(0, total - width + t - pad);
        const outputs = await model.forward({
          input_ids: integers(tokens.flat(), width),
          attention_mask: integers(
            pads.flatMap((pad) => Array.from({ length: total }, (_, s) => Number(s >= pad))),
            total,
          ),
          // Left out by models that take none. Each row counts from its own first token.
          position_ids: integers(
            pads.flatMap((pad) => Array.from({ length: width }, (_, t) => place(pad, t))),
            width,
          ),
          past_key_values: past,
        });
        const replaced = past;
        past = cacheOf(outputs);
        await dispose(replaced);
        return lastRows(outputs.logits);
      };
      const padded = rows.map((row) => [...Array.from({ length: longest - row.length }, () => 0), ...row]);
      return {
        logits: await read(padded, longest),
        step: (token) => {
          total += 1;
          return read(
            rows.map(() => [token]),
            1,
          );
        },
        async release() {
          await dispose(past);
          past = null;
        },
      };
    },
  };
}

/** Keys and values of all tokens so far, by the names under which the next call takes them. */
function cacheOf(outputs: Outputs): Feeds {
  const entries = Object.entries(outputs).filter(([name]) => name.startsWith("present"));
  return Object.fromEntries(entries.map(([name, x]) => [name.replace("present", "past_key_values"), x]));
}

async function dispose(cache: Feeds | null): Promise<void> {
  for (const tensor of Object.values(cache ?? {})) if (isDisposable(tensor)) await tensor.dispose();
}

/** The rows after the last token of [B, T, V]. */
function lastRows(logits: ForeignTensor): Float32Array[] {
  const { dims, data } = logits.to("float32");
  const [B, T, V] = dims as [number, number, number]; // of every causal language model
  const values = Float32Array.from(data);
  return Array.from({ length: B }, (_, b) => values.slice((b * T + T - 1) * V, (b + 1) * T * V));
}

function positionsOf(config: object): number | undefined {
  const { max_position_embeddings: rotary, n_positions: learned }: Readonly<Record<string, unknown>> = {
    ...config,
  };
  const positions = rotary ?? learned;
  return typeof positions === "number" ? positions : undefined;
}

function isDisposable(value: unknown): value is { dispose(): unknown } {
  return (
    typeof value === "object" && value !== null && "dispose" in value && typeof value.dispose === "function"
  );
}
