// Float64 twins of assembly/embedding.ts. table: [vocabulary, cols], ids: [n].
type Values = ArrayLike<number>;

export function embedding(table: Values, ids: Values, cols: number): Float64Array {
  return Float64Array.from({ length: ids.length * cols }, (_, i) => {
    const id = ids[Math.floor(i / cols)]!;
    return table[id * cols + (i % cols)]!;
  });
}

export function embeddingGrad(dy: Values, ids: Values, vocabulary: number, cols: number): Float64Array {
  const dtable = new Float64Array(vocabulary * cols);
  for (let i = 0; i < ids.length; i++) {
    for (let c = 0; c < cols; c++) dtable[ids[i]! * cols + c]! += dy[i * cols + c]!;
  }
  return dtable;
}
