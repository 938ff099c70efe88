// A model's logits the plain way: row by row and from the start for every token, without a batch, padding or a cache.
import type { LanguageModel } from "../../src/models/model";
import { functionSource, type LogitsSource } from "../../src/nbce/source";
import { ids, scope } from "../../src/tensor/tensor";

export function separate(model: LanguageModel): LogitsSource {
  const { context, vocabulary } = model.config;
  return functionSource(
    (rows) =>
      rows.map((row) =>
        scope(() =>
          model
            .logits(ids(row, [1, row.length]))
            .values()
            .slice(-vocabulary),
        ),
      ),
    context,
  );
}
