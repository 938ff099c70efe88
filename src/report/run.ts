// A finished training run as one HTML page.
import { type AttentionMaps, renderAttention } from "./attention";
import { renderFigure } from "./figure";
import { duration, inWords, plain, plural } from "./format";
import { html } from "./html";
import { preformatted, renderPage, type Section, settingsTable } from "./page";
import { entropyFigures, lossFigure, stepFigures } from "./run-figures";
import { headline, summaryTiles } from "./run-summary";

export interface RunMetrics {
  readonly step: number;
  /** Mean loss of the batch in nats per token. */
  readonly loss: number;
  readonly learningRate: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly tokensPerSecond?: number | undefined;
  /** Loss on text that is not trained on, at the steps where it was measured. */
  readonly heldOut?: number | undefined;
}

export interface HeadEntropy {
  readonly step: number;
  readonly layer: number;
  readonly head: number;
  /** Mean over rows, in nats. */
  readonly entropy: number;
}

export interface RunReport {
  readonly title: string;
  /** What to type to get this run again. */
  readonly command: string;
  readonly config: object;
  /** Version, build, host, seed. */
  readonly stamp: Readonly<Record<string, string>>;
  /** In the order of steps. */
  readonly metrics: readonly RunMetrics[];
  readonly parameters?: number | undefined;
  readonly seconds?: number | undefined;
  /** Entropies of the text in nats: what the best model of single tokens, and of pairs, could reach. */
  readonly floors?: { readonly unigram: number; readonly bigram: number } | undefined;
  /** On the whole held-out split, at the end. */
  readonly evaluation?:
    | { readonly natsPerToken: number; readonly perplexity: number; readonly tokens: number }
    | undefined;
  readonly sample?: { readonly prompt: string; readonly text: string } | undefined;
  readonly attention?: AttentionMaps | undefined;
  readonly entropy?: readonly HeadEntropy[] | undefined;
}

/** @throws Error when attention weights do not fit the tokens */
export function renderRun(run: RunReport): string {
  const version = run.stamp.heed;
  return renderPage({
    title: run.title,
    kicker: "heed · training run",
    lead: headline(run),
    sections: sections(run),
    footer: html`Made by heed${version && ` ${version}`} from ${plural(run.metrics.length, "recorded step")}${run.seconds !== undefined && ` in ${duration(run.seconds)}`}. This file needs no network.`,
  });
}

function sections(run: RunReport): Section[] {
  const { attention, entropy = [], sample, metrics } = run;
  const made: (Section | false)[] = [
    { title: "Result", body: summaryTiles(run) },
    metrics.length > 0 && {
      title: "Training",
      body: [
        renderFigure(lossFigure(run)),
        html`<div class="pair">${stepFigures(metrics).map((figure) => renderFigure(figure, { width: "half" }))}</div>`,
      ],
    },
    sample !== undefined && {
      title: "Sample",
      body: html`<p class="note">The underlined beginning was given, the rest is the model's.</p>
${preformatted([html`<span class="prompt">${sample.prompt}</span>`, sample.text])}`,
    },
    attention !== undefined &&
      attention.heads.length > 0 &&
      attention.tokens.length > 0 && {
        title: "Attention",
        body: html`<p>Where each token looks: a row is a destination (query), a column a source (key), and a row's weights sum to 1.</p>
${renderAttention(attention)}`,
      },
    entropy.length > 0 && {
      title: "Attention entropy",
      body: html`<p>How spread out each head's attention is over training: 0 nats looks at one token only, ln n nats at n tokens alike.</p>
<div class="pair">${entropyFigures(entropy).map((figure) => renderFigure(figure, { width: "half" }))}</div>`,
    },
    {
      title: "Reproduce",
      body: [
        preformatted(run.command),
        html`<h3>Stamp</h3>`,
        settingsTable(Object.entries(run.stamp)),
        html`<h3 style="margin-top:20px">Settings</h3>`,
        settingsTable(Object.entries(run.config).map(([name, value]) => [inWords(name), plain(value)])),
      ],
    },
  ];
  return made.filter((section) => section !== false);
}
