// heed itself, through the same kernels and the same trainer as its suites.
import { gpt } from "../../src/models/gpt";
import { namedParameters } from "../../src/nn/module";
import type { Build } from "../../src/runtime/features";
import { init } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { floats } from "../../src/tensor/tensor";
import type { Row } from "../row";
import { attentionRow } from "../suites/attention";
import { productRow } from "../suites/matmul";
import { softmaxRow } from "../suites/rows";
import { type Candidate, HEADS, type Peer, STEP, type Task, WIDTH } from "./peer";
import { lossError, readStepFixture, trainOn } from "./step-fixture";

export async function openHeed(build: Build): Promise<Peer> {
  await init({ build, threads: 1 });
  return { prepare: (task, fixture) => [candidate(task, fixture)] };
}

function candidate(task: Task, fixture: string): Candidate {
  switch (task.kind) {
    case "matmul":
      return fromRow(productRow({ name: "square", m: task.n, n: task.n, k: task.n }));
    case "attention":
      return fromRow(attentionRow({ T: task.T, D: WIDTH, H: HEADS }, task));
    case "softmax":
      return fromRow(softmaxRow(task.n, task.n));
    case "step":
      return step(fixture);
  }
  return task satisfies never;
}

function fromRow(row: Row): Candidate {
  const { run, check, warm } = row.prepare();
  return { name: row.kind, run, check, warm };
}

function step(path: string): Candidate {
  const fixture = readStepFixture(path);
  const { name: _, batch: __, ...config } = STEP;
  const model = gpt(config, rng(1));
  for (const [name, x] of namedParameters(model)) floats(x).set(fixture.parameters[name]!.values);
  const training = trainOn(model, fixture.batches);
  const next = () => training.next().value?.loss ?? Number.NaN;
  return { name: "train", run: next, check: () => lossError(fixture, fixture.losses.map(next)) };
}
