// The public API.
export { type AttentionName, attentions } from "./attention";
export { type MaskName, masks } from "./attention/mask";
export { type NormalizerName, normalizers } from "./attention/normalizer";
export { type OptionName, type Options, options } from "./attention/options";
export { type PositionName, positions } from "./attention/position";
export { type IndexName, indices } from "./attention/position/strategy";
export { type ScaleName, scales } from "./attention/scale";
export { type Batch, sequentialWindows, windows } from "./data/batches";
export { grammarText } from "./data/grammar";
export { type Corpus, type CorpusOptions, corpus } from "./data/text";
export { charTokenizer, type Tokenizer, tokenizerFromJSON, wordTokenizer } from "./data/tokenizer";
export { type Model, type ModelName, models } from "./models";
export { type AttentionOnly, attentionOnly } from "./models/attention-only";
export { type AttentionOnlyConfig, attentionOnlyConfig } from "./models/attention-only-config";
export { type GptConfig, gptConfig } from "./models/config";
export { type EncoderDecoder, type EncoderDecoderConfig, encoderDecoder } from "./models/encoder-decoder";
export { type Gau, gau } from "./models/gau";
export { type GauConfig, gauConfig } from "./models/gau-config";
export { type GenerateOptions, generate } from "./models/generate";
export { type Gpt, gpt } from "./models/gpt";
export type { DecodeState, LanguageModel, Trainable } from "./models/model";
export { type OneLayer, type OneLayerConfig, oneLayer } from "./models/one-layer";
export { readWindows, type WindowOptions } from "./models/parallel";
export { type SampleOptions, sample } from "./models/sample";
export { type Tagger, type TaggerConfig, tagger } from "./models/tagger";
export { type NbceDecodeOptions, type NbceToken, nbce } from "./nbce/decode";
export { type ModelRows, type ModelSource, modelSource, windowSource } from "./nbce/model-source";
export { type PoolName, pools } from "./nbce/pooling";
export { nbcePrompts, splitTokens } from "./nbce/prompts";
export { type Reader, readerOf } from "./nbce/reader";
export { functionSource, type LogitRows, type LogitsSource, type ReadRows } from "./nbce/source";
export { type NbceOptions, type NbceState, type NbceStep, nbceStep } from "./nbce/step";
export { type ForeignLibrary, type ForeignModel, transformersSource } from "./nbce/transformers-source";
export { namedParameters, namedTensors, parameterCount, parameters } from "./nn/module";
export type { Padding, RunOptions } from "./nn/run";
export { type Tap, type Taps, tapAliases } from "./nn/taps";
export { type ActivationName, activations, gelu, geluTanh, relu, silu, squareRelu } from "./ops/activation";
export { add, addTrailing, mean, multiply, scale, subtract } from "./ops/arithmetic";
export { attention, attentionWeights } from "./ops/attention";
export { queryKey, weighValues } from "./ops/attention-products";
export type { AttentionOptions, RelativeBias } from "./ops/attention-terms";
export { lookup, multiplyTrailing, scaleRows } from "./ops/broadcast";
export { crossEntropy, tokenLosses } from "./ops/crossentropy";
export { embedding } from "./ops/embedding";
export { headOf, headOutputs, withHead } from "./ops/heads";
export { gainRow, kerpleLog, kerplePower } from "./ops/kerple";
export { type LinearAttentionOptions, linearAttention, linearAttentionState } from "./ops/linear-attention";
export { addSourceBias, type FactorMap, factorLogits, mixLogits } from "./ops/logits";
export { linear, type MatmulOptions, matmul } from "./ops/matmul";
export { layernorm, rmsnorm } from "./ops/norm";
export { dropout, full, normal, uniform } from "./ops/random";
export { type RotaryTables, rope } from "./ops/rope";
export { exp, expL2, share } from "./ops/row-norms";
export { smear } from "./ops/smear";
export { softmax } from "./ops/softmax";
export { lastToken, repeat, reshape, rowsFrom, submatrix } from "./ops/view";
export type { Build, Features } from "./runtime/features";
export { type Info, type InitOptions, info, init } from "./runtime/instance";
export { Rng, type RngState, rng } from "./tensor/rng";
export type { Shape } from "./tensor/shape";
export { NonFiniteError, type ValueAndGradients, valueAndGradients } from "./tensor/tape";
export { empty, floats, ids, integers, scope, Tensor, tensor } from "./tensor/tensor";
export { loadModel, restoreTraining, saveModel, saveTraining } from "./train/checkpoint";
export { type EvaluateOptions, type Evaluation, evaluate } from "./train/evaluate";
export {
  type AdamWOptions,
  adamw,
  type Optimizer,
  optimizers,
  type SgdOptions,
  sgd,
} from "./train/optimizer";
export { constant, linear as linearDecay, type Schedule, warmupCosine } from "./train/schedule";
export { DivergedError, type StepMetrics, type TrainOptions, train } from "./train/trainer";
