// The result of an experiment as one HTML page: the question, the verdicts, figures, measurements, and how to run it again.

import type { Size } from "../experiments/experiment";
import type { Figure } from "../experiments/figure";
import type { JudgedClaim, Result } from "../experiments/result";
import { renderFigure } from "./figure";
import { inWords, plain, plural, short } from "./format";
import { addresses, type Content, type Html, html } from "./html";
import { preformatted, renderPage, renderSections, type Section, settingsTable } from "./page";
import { failsSoftly, notJudged, verdictLine } from "./verdicts";

/** Words and signs: colour only repeats them. */
const VERDICTS = {
  pass: { sign: "✓", word: "holds" },
  fail: { sign: "✗", word: "fails" },
  "not-run": { sign: "–", word: "not judged" },
} as const;

const GATES = {
  smoke: "decides at every size",
  full: "decides at full size",
  none: "decides nothing",
} as const;

/**
 * @param command what runs it again
 * @throws Error for a figure that contradicts itself
 */
export function renderExperiment(result: Result, figures: readonly Figure[], command: string): string {
  const { experiment, question, paper, size, stamp, trials } = result;
  return renderPage({
    title: question,
    kicker: `heed · experiment ${experiment} · ${size} size`,
    lead: leadOf(result.claims),
    sections: [
      { title: "Source", body: html`<p>${addresses(paper)}</p>` },
      ...sectionsOf(result, figures, command),
    ],
    footer: html`Made by heed ${stamp.version} on ${stamp.date} from ${plural(trials.length, "trial")}. This file needs no network.`,
  });
}

/** The same without the page around it, which names question and source: what came out, and the sections. Viewers and scrubbers in it are hidden until somebody starts them. */
export function renderExperimentBody(result: Result, figures: readonly Figure[], command: string): string {
  return html`<p class="lead">${leadOf(result.claims)}</p>
${renderSections(sectionsOf(result, figures, command))}`.text;
}

function sectionsOf(result: Result, figures: readonly Figure[], command: string): Section[] {
  const { claims, size, stamp, story } = result;
  const sections: (Section | false)[] = [
    story.length > 0 && {
      title: "What came out",
      body: story.map(
        (text) => html`<p>${text}</p>
`,
      ),
    },
    claims.length > 0 && { title: "Claims", body: claimsBody(claims, size) },
    figures.length > 0 && { title: "Figures", body: figures.map((figure) => renderFigure(figure)) },
    result.metrics.length > 0 && { title: "Measurements", body: measurements(result) },
    {
      title: "Reproduce",
      body: [
        preformatted(command),
        html`<h3>Stamp</h3>`,
        settingsTable(Object.entries(stamp).map(([name, value]) => [name, plain(value)])),
        sharedSettings(result),
      ],
    },
  ];
  return sections.filter((section) => section !== false);
}

function leadOf(claims: readonly JudgedClaim[]): string {
  return claims.length === 0 ? "This experiment makes no claims." : `${verdictLine(claims)}.`;
}

/** What was judged stands first; the rest is folded where anything was. */
function claimsBody(claims: readonly JudgedClaim[], size: Size): Content {
  const judged = claims.filter(({ status }) => status !== "not-run");
  const rest = claims.filter(({ status }) => status === "not-run");
  if (judged.length === 0 || rest.length === 0) return claimsTable(claims, size);
  return [
    claimsTable(judged, size),
    html`<details><summary>${notJudged(rest.length)}</summary>${claimsTable(rest, size)}</details>`,
  ];
}

function claimsTable(claims: readonly JudgedClaim[], size: Size): Html {
  return html`<table class="claims"><thead><tr>${["Verdict", "Claim", "Expected", "Observed", "Source"].map(
    (name) => html`<th scope="col">${name}</th>`,
  )}</tr></thead>
<tbody>${claims.map((claim) => {
    const { id, statement, source, expected, observed, gate, status } = claim;
    const { sign, word } = VERDICTS[status];
    const soft = failsSoftly(claim, size) && " soft";
    return html`<tr id="claim-${id}"><td class="verdict ${status}${soft}">${sign} ${word}</td><td>${statement}<small>${id}, ${GATES[gate]}</small></td><td data-label="Expected">${expected}</td><td data-label="Observed">${observed || "–"}</td><td data-label="Source">${addresses(source)}</td></tr>
`;
  })}</tbody></table>`;
}

/** A row a config, a column a metric: mean over seeds, and half the 95 % interval. Configs that measure other things have tables of their own. */
function measurements({ config, metrics, stamp }: Result): Content {
  const varied = variedKeys(config);
  const rows = groups(metrics, (summary) => JSON.stringify(summary.config));
  const alike = groups(rows, (row) => row.map(({ metric }) => metric).join());
  return html`<p class="note">Means over ${plural(stamp.seeds.length, "seed")}${stamp.seeds.length > 1 && ", ± half the 95 % interval of the mean"}.</p>
${alike.map((rows) => measurementsTable(varied, rows))}`;
}

/** @param rows the same metrics in each */
function measurementsTable(
  varied: readonly string[],
  rows: readonly (readonly Result["metrics"][number][])[],
): Html {
  const settings = varied.filter((name) => rows.some(([first]) => !isEmpty(first?.config[name])));
  const numbers = new Set(
    settings.filter((name) => rows.every(([first]) => typeof first?.config[name] === "number")),
  );
  const align = (name: string) => (numbers.has(name) ? "number" : "");
  return html`<div class="scroll" tabindex="0"><table><thead><tr>${settings.map(
    (name) => html`<th scope="col" class="${align(name)}">${inWords(name)}</th>`,
  )}${rows[0]?.map(({ metric }) => html`<th scope="col" class="number">${inWords(metric)}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${settings.map(
      (name) => html`<th scope="row" class="${align(name)}">${plain(row[0]?.config[name] ?? "")}</th>`,
    )}${row.map(
      ({ mean, high }) =>
        html`<td class="number">${short(mean)}${high !== undefined && ` ± ${short(high - mean, 2)}`}</td>`,
    )}</tr>
`,
  )}</tbody></table></div>
`;
}

/** In the order of their first. */
function groups<T>(all: readonly T[], key: (one: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(key(one), [...(found.get(key(one)) ?? []), one]);
  return [...found.values()];
}

function isEmpty(setting: unknown): boolean {
  return setting === undefined || setting === "";
}

function sharedSettings({ config }: Result): Content {
  const first = config[0];
  if (!first) return undefined;
  const varied = new Set(variedKeys(config));
  const shared = Object.entries(first).filter(([name, value]) => !varied.has(name) && !isEmpty(value));
  if (shared.length === 0) return undefined;
  return [
    html`<h3 style="margin-top:20px">Settings of every trial</h3><p class="note">By the names that --set takes.</p>`,
    settingsTable(shared.map(([name, value]) => [name, plain(value)])),
  ];
}

/** Settings that differ between configs. */
function variedKeys(configs: Result["config"]): string[] {
  const names = [...new Set(configs.flatMap((config) => Object.keys(config)))];
  return names.filter((name) => new Set(configs.map((config) => config[name])).size > 1);
}
