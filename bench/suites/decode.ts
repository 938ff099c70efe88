// Decoding: one more token for one sequence, over the cached past. Bound by reading every weight once.
import { gpt } from "../../src/models/gpt";
import { namedTensors } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { ids, scope } from "../../src/tensor/tensor";
import { disagreement } from "../agreement";
import { stretch } from "../buffers";
import { tokenFlops } from "../flops";
import { twinLogits } from "../gpt-twin";
import type { Row, Suite } from "../row";
import { decodes, type ModelShape } from "../shapes";

const FLOAT_BYTES = 4;
/** The model that is compared with float64, token by token. */
const CHECKED = { vocabulary: 11, context: 6, width: 8, heads: 2, layers: 2 } as const;
const CHECKED_TOKENS = [3, 1, 4, 1, 5, 9];

export const decode: Suite = {
  what: "one more token with a key-value cache: a small gpt, and GPT-2's 12 layers of 768",
  rows: (size) => decodes[size].map(decodeRow),
};

function decodeRow(shape: ModelShape): Row {
  const { name, ...config } = shape;
  // A madd for each weight: as many flops as 2 a weight, 4 bytes each.
  const weights = tokenFlops(shape) / 2;
  return {
    kind: name,
    shape: `vocabulary ${config.vocabulary}`,
    work: { flops: tokenFlops(shape), bytes: FLOAT_BYTES * weights, tokens: 1 },
    bound: "memory",
    prepare() {
      const model = gpt(config, rng(1));
      let state = model.createState(1);
      const run = () => {
        if (state.length === config.context) {
          state.release();
          state = model.createState(1);
        }
        const active = state;
        scope(() => void model.next(ids([1], [1, 1]), active));
      };
      const read = [...namedTensors(model)].filter(([path]) => !path.startsWith("position"));
      return {
        run,
        warm: run,
        check: () => scope(checkDecoding),
        reads: read.map(([, x]) => stretch(x)),
        release() {
          state.release();
          for (const x of namedTensors(model).values()) x.release();
        },
      };
    },
  };
}

/** The logits after every token of a short text, decoded two tokens and then one at a time. */
function checkDecoding(): number {
  const model = gpt(CHECKED, rng(2));
  const state = model.createState(1);
  const expected = twinLogits(model, CHECKED_TOKENS);
  const errors = [2, 3, 4, 5, 6].map((end) => {
    const fresh = CHECKED_TOKENS.slice(state.length, end);
    const logits = model.next(ids(fresh, [1, fresh.length]), state);
    return disagreement(
      logits.values(),
      expected.slice((end - 1) * CHECKED.vocabulary, end * CHECKED.vocabulary),
    );
  });
  state.release();
  return Math.max(...errors);
}
