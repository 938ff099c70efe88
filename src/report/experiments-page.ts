// The results of all experiments as one Markdown page: what holds, what fails, and with which settings it was seen.
import { articles, type LocatedClaim, locatedClaims } from "../experiments/articles";
import type { Config } from "../experiments/experiment";
import type { Result } from "../experiments/result";
import { plain, plural } from "./format";
import { decides, held } from "./verdicts";

export interface PageEntry {
  readonly name: string;
  readonly question: string;
  readonly paper: string;
  readonly budgetSeconds: number;
  /** Absent where nothing was run at full size. */
  readonly seen?: SeenResult | undefined;
}

export interface SeenResult {
  readonly result: Result;
  /** Whether the program is still the one that ran. */
  readonly current: boolean;
  readonly figures: readonly PageFigure[];
}

export interface PageFigure {
  /** From where the page is. */
  readonly path: string;
  readonly title: string;
  readonly caption: string;
}

/** @param how sentences that say how the page is made */
export function renderExperimentsPage(entries: readonly PageEntry[], how: string): string {
  const claims = entries.flatMap(({ seen }) => (seen ? locatedClaims(seen.result) : []));
  const missing = entries.filter(({ seen }) => !seen);
  return [
    "# Experiments",
    how,
    verdicts(claims),
    ...(missing.length > 0
      ? [`Not run at full size here: ${missing.map(({ name }) => `\`${name}\``).join(", ")}.`]
      : []),
    "## What fails",
    failures(claims),
    "## Article by article",
    byArticle(claims),
    "## Experiment by experiment",
    overview(entries),
    ...entries.flatMap(({ seen, ...entry }) => (seen ? section(entry, seen) : [])),
  ]
    .join("\n\n")
    .concat("\n");
}

function verdicts(claims: readonly LocatedClaim[]): string {
  const judged = claims.filter(({ status }) => status !== "not-run");
  const [deciding, shown] = [judged.filter(decides), judged.filter((claim) => !decides(claim))];
  return `Claims that decide: ${held(deciding)} of ${deciding.length} hold. Claims that are judged and decide nothing, because their source gives no number or one that nobody has seen again: ${held(shown)} of ${shown.length} hold. Not judged: ${claims.length - judged.length}.`;
}

function failures(claims: readonly LocatedClaim[]): string {
  const failed = claims.filter(({ status }) => status === "fail");
  if (failed.length === 0) return "Nothing.";
  return table(
    ["experiment", "claim", "expected", "observed", "decides"],
    failed.map((claim) => [
      link(claim.experiment),
      text(claim.statement),
      text(claim.expected),
      text(claim.observed),
      decides(claim) ? "yes" : "no",
    ]),
  );
}

function byArticle(claims: readonly LocatedClaim[]): string {
  const namesOf = ({ article }: LocatedClaim) => article.split(", ");
  const titles = new Map<string, string>([
    ...Object.entries(articles).map(([name, { title }]): [string, string] => [name, title]),
    ["own", "What heed adds of its own"],
  ]);
  const names = [...new Set([...titles.keys(), ...claims.flatMap(namesOf)])];
  return table(
    ["article", "claims that hold", "that fail", "not judged", "experiments"],
    names.map((name) => {
      const mine = claims.filter((claim) => namesOf(claim).includes(name));
      const count = (status: string) => mine.filter((claim) => claim.status === status).length;
      const links = [...new Set(mine.map(({ experiment }) => experiment))].map(link).join(", ");
      return [text(titles.get(name) ?? name), count("pass"), count("fail"), count("not-run"), links].map(
        String,
      );
    }),
  );
}

function overview(entries: readonly PageEntry[]): string {
  return table(
    ["experiment", "question", "holds", "fails", "seconds of work", "budget"],
    entries.map(({ name, question, budgetSeconds, seen }) => {
      if (!seen) return [`\`${name}\``, text(question), "–", "–", "not run", String(budgetSeconds)];
      const { claims, trials } = seen.result;
      const count = (status: string) => claims.filter((claim) => claim.status === status).length;
      const seconds = trials.reduce((sum, trial) => sum + trial.seconds, 0);
      return [
        link(name),
        text(question),
        count("pass"),
        count("fail"),
        Math.round(seconds),
        budgetSeconds,
      ].map(String);
    }),
  );
}

function section(
  { name, question, paper }: Omit<PageEntry, "seen">,
  { result, current, figures }: SeenResult,
): string[] {
  const { stamp, trials, story, config } = result;
  const { version, build, host, date, seeds, source } = stamp;
  const ran = `${plural(trials.length, "trial")} of ${plural(config.length, "setting")} with seeds ${seeds.join(", ")}`;
  const by = `heed ${version}, ${build} build, ${host}, ${date}, program \`${source}\``;
  return [
    `### ${name}`,
    `**${text(question)}** ${text(paper)}.`,
    `${ran}. Seen by ${by}${current ? "" : "; something in that program has changed since"}.`,
    settings(config),
    ...story.map(text),
    table(
      ["verdict", "claim", "expected", "observed", "decides", "source"],
      result.claims.map(({ id, statement, expected, observed, gate, status, source: from }) => [
        { pass: "holds", fail: "**fails**", "not-run": "not judged" }[status],
        `${text(statement)} (\`${id}\`)`,
        text(expected),
        text(observed) || "–",
        { smoke: "at every size", full: "at full size", none: "nothing" }[gate],
        text(from),
      ]),
    ),
    ...figures.flatMap(({ path, title, caption }) => [
      `![${text(title)}](${path})`,
      `**${text(title)}.** ${text(caption)}`,
    ]),
  ];
}

/** Values of a setting that are listed one by one. */
const LISTED = 12;

/** "Settings: steps 600; width 4, 8, 16, 32." */
function settings(configs: readonly Config[]): string {
  const names = [...new Set(configs.flatMap((config) => Object.keys(config)))];
  const each = names.map((name) => {
    const values = [...new Set(configs.map((config) => plain(config[name]) || '""'))];
    const shown = values.length > LISTED ? [...values.slice(0, LISTED), "..."] : values;
    return `\`${name}\` ${shown.map(text).join(", ")}`;
  });
  return `Settings: ${each.join("; ")}.`;
}

function link(name: string): string {
  return `[${name}](#${name})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((cells) => line(cells.map(cell)))].join("\n");
}

/** A bar or a line end would break the table. */
function cell(value: string): string {
  return value.replaceAll("|", "\\|").replace(/\s+/g, " ");
}

/** Words of others: none of their signs is markup. */
function text(value: string): string {
  return value.replace(/[\\*`$~[\]]/g, (sign) => `\\${sign}`).replaceAll("<", "&lt;");
}
