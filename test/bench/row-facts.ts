// A row as the tests of benches see it: nothing in it is wrong.
import type { RowFacts } from "../../bench/session";

export function rowFacts(kind = "k"): RowFacts {
  return { kind, shape: "s", work: { flops: 1e9 }, bound: "arithmetic", error: 0, extraBytes: 0 };
}
