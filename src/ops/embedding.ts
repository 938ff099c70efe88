// Rows of a table by index.
import { kernels } from "../runtime/instance";
import { columns, expectShape, show } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, integers, type Tensor } from "../tensor/tensor";

/** table [V, C] at ids [...] gives [..., C]. Throws when an id is not in 0..V-1. */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  const { V: vocabulary } = expectShape("embedding", "table", table, ["V", "C"]);
  const wrong = integers(ids).find((id) => id < 0 || id >= vocabulary);
  if (wrong !== undefined)
    throw new Error(
      `embedding: ids must be 0..${vocabulary - 1} for ${table.name} ${show(table.shape)}, got ${wrong}`,
    );
  const y = empty([...ids.shape, columns(table)], "embedding");
  kernels().sembedding(y.ptr, table.ptr, ids.ptr, ids.size, columns(table));
  return record("embedding", y, [table], (dy) =>
    kernels().sembedding_grad(gradOf(table).ptr, dy.ptr, ids.ptr, ids.size, columns(table)),
  );
}
