// numpy-ts: matrix products.
import * as np from "numpy-ts";
import { matmulError, noise } from "./answers.ts";

export async function open() {
  return { prepare: (task) => (task.kind === "matmul" ? [matmul(task.n)] : []) };
}

function matmul(n) {
  const [a, b] = [noise(n * n, 1), noise(n * n, 2)];
  const [x, y] = [np.array(a).reshape([n, n]), np.array(b).reshape([n, n])];
  const f = () => np.matmul(x, y);
  const values = (c) => Float32Array.from(c.data);
  return { name: "matmul", run: () => void f(), check: () => matmulError(n, a, b, values(f())) };
}
