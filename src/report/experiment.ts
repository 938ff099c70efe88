// The result of an experiment as one HTML page: the question, the verdicts, figures, measurements, and how to run it again.
import type { Figure } from "../experiments/figure";
import type { JudgedClaim, Result } from "../experiments/result";
import { renderFigure } from "./figure";
import { plain, plural, short } from "./format";
import { type Content, type Html, html } from "./html";
import { preformatted, renderPage, renderSections, type Section, settingsTable } from "./page";

/** Words and signs: colour only repeats them. */
const VERDICTS = {
  pass: { sign: "✓", word: "holds" },
  fail: { sign: "✗", word: "fails" },
  "not-run": { sign: "–", word: "not run" },
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
    lead: verdictLine(result.claims),
    sections: [{ title: "Source", body: html`<p>${paper}</p>` }, ...sectionsOf(result, figures, command)],
    footer: html`Made by heed ${stamp.version} on ${stamp.date} from ${plural(trials.length, "trial")}. This file needs no network.`,
  });
}

/** The same without the page around it, which names question and source: what came out, and the sections. Viewers and scrubbers in it are hidden until somebody starts them. */
export function renderExperimentBody(result: Result, figures: readonly Figure[], command: string): string {
  return html`<p class="lead">${verdictLine(result.claims)}</p>
${renderSections(sectionsOf(result, figures, command))}`.text;
}

function sectionsOf(result: Result, figures: readonly Figure[], command: string): Section[] {
  const { claims, stamp, story } = result;
  const sections: (Section | false)[] = [
    story.length > 0 && {
      title: "What came out",
      body: story.map(
        (text) => html`<p>${text}</p>
`,
      ),
    },
    claims.length > 0 && { title: "Claims", body: claimsTable(claims) },
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

/** "3 of 4 judged claims hold; 1 was not run." */
function verdictLine(claims: readonly JudgedClaim[]): string {
  if (claims.length === 0) return "This experiment makes no claims.";
  const number = (status: JudgedClaim["status"]) => claims.filter((claim) => claim.status === status).length;
  const judged = claims.length - number("not-run");
  const rest = number("not-run") > 0 ? `; ${number("not-run")} not run at this size` : "";
  if (judged === 0) return `No claim was judged${rest}.`;
  return `${number("pass")} of ${plural(judged, "judged claim")} ${number("pass") === 1 ? "holds" : "hold"}${rest}.`;
}

function claimsTable(claims: readonly JudgedClaim[]): Html {
  return html`<table class="claims"><thead><tr>${["Verdict", "Claim", "Expected", "Observed", "Source"].map(
    (name) => html`<th scope="col">${name}</th>`,
  )}</tr></thead>
<tbody>${claims.map(({ id, statement, source, expected, observed, gate, status }) => {
    const { sign, word } = VERDICTS[status];
    return html`<tr id="claim-${id}"><td class="verdict ${status}">${sign} ${word}</td><td>${statement}<small>${id}, ${GATES[gate]}</small></td><td data-label="Expected">${expected}</td><td data-label="Observed">${observed || "–"}</td><td data-label="Source">${source}</td></tr>
`;
  })}</tbody></table>`;
}

/** A row a config, a column a metric: mean over seeds, and half the 95 % interval. */
function measurements({ config, metrics, stamp }: Result): Content {
  const varied = variedKeys(config);
  const names = [...new Set(metrics.map(({ metric }) => metric))];
  const configs = [
    ...new Map(metrics.map((summary) => [JSON.stringify(summary.config), summary.config])).entries(),
  ];
  return html`<p class="note">Means over ${plural(stamp.seeds.length, "seed")}${stamp.seeds.length > 1 && ", ± half the 95 % interval of the mean"}.</p>
<div class="scroll"><table><thead><tr>${[...varied, ...names].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${configs.map(([key, values]) => {
    const mine = metrics.filter((summary) => JSON.stringify(summary.config) === key);
    return html`<tr>${varied.map((name) => html`<th scope="row">${plain(values[name])}</th>`)}${names.map(
      (name) => {
        const found = mine.find(({ metric }) => metric === name);
        return html`<td>${found && short(found.mean)}${found?.high !== undefined && ` ± ${short(found.high - found.mean, 2)}`}</td>`;
      },
    )}</tr>
`;
  })}</tbody></table></div>`;
}

function sharedSettings({ config }: Result): Content {
  const first = config[0];
  if (!first) return undefined;
  const varied = new Set(variedKeys(config));
  const shared = Object.entries(first).filter(([name]) => !varied.has(name));
  if (shared.length === 0) return undefined;
  return [
    html`<h3 style="margin-top:20px">Settings of every trial</h3>`,
    settingsTable(shared.map(([name, value]) => [name, plain(value)])),
  ];
}

/** Settings that differ between configs. */
function variedKeys(configs: Result["config"]): string[] {
  const names = [...new Set(configs.flatMap((config) => Object.keys(config)))];
  return names.filter((name) => new Set(configs.map((config) => config[name])).size > 1);
}
