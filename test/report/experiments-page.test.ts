// The page of all experiments: what fails stands there as plainly as what holds, and no sign of a result is taken for markup.
import { expect, test } from "vitest";
import type { JudgedClaim, Result } from "../../src/experiments/result";
import { type PageEntry, renderExperimentsPage } from "../../src/report/experiments-page";

const claim = (given: Partial<JudgedClaim>): JudgedClaim => ({
  id: "grows",
  statement: "It grows.",
  source: "Tay et al. 2021, table 2",
  expected: "|a| < 2",
  observed: "1.5",
  gate: "full",
  status: "pass",
  ...given,
});

const result: Result = {
  experiment: "toy",
  question: "Does *it* grow?",
  paper: "own",
  stamp: {
    version: "1.2.3",
    build: "portable",
    host: "a host",
    date: "2026-01-02T03:04:05.000Z",
    source: "0123456789abcdef",
    seeds: [0, 1],
  },
  size: "full",
  config: [4, 8].map((width) => ({ width, steps: 600, text: "" })),
  trials: [1, 2, 3, 4].map((id) => ({ id: String(id), config: {}, seed: 0, metrics: {}, seconds: 2.5 })),
  metrics: [],
  claims: [
    claim({}),
    claim({ id: "falls", statement: "It falls.", status: "fail", observed: "3 | 4" }),
    claim({ id: "shown", statement: "It is shown.", gate: "none", status: "fail", source: "own" }),
    claim({ id: "unseen", status: "not-run", observed: "", source: "Narang et al. 2021, table 1" }),
  ],
  story: ["It grew by $2 and `more`."],
};

const entries: readonly PageEntry[] = [
  {
    name: "toy",
    question: result.question,
    paper: "own",
    budgetSeconds: 30,
    seen: {
      result,
      current: false,
      figures: [{ path: "docs/toy-1.png", title: "Growth [m]", caption: "Up, and <up>." }],
    },
  },
  { name: "later", question: "And then?", paper: "own", budgetSeconds: 7 },
];

const lines = renderExperimentsPage(entries, "Made by hand.").split("\n");

test("counts claims that decide apart from those that do not, and names what has not run", () => {
  expect(lines.slice(0, 3)).toEqual(["# Experiments", "", "Made by hand."]);
  expect(lines).toContain(
    "Claims that decide: 1 of 2 hold. Claims that are judged and decide nothing, because their source gives no number or one that nobody has seen again: 0 of 1 hold. Not judged: 1.",
  );
  expect(lines).toContain("Not run at full size here: `later`.");
  expect(lines).toContain("| [toy](#toy) | Does \\*it\\* grow? | 1 | 2 | 10 | 30 |");
  expect(lines).toContain("| `later` | And then? | – | – | not run | 7 |");
});

test("what fails is listed first, with whether it decides", () => {
  const at = lines.indexOf("## What fails");
  expect(lines.slice(at + 4, at + 6)).toEqual([
    "| [toy](#toy) | It falls. | \\|a\\| &lt; 2 | 3 \\| 4 | yes |",
    "| [toy](#toy) | It is shown. | \\|a\\| &lt; 2 | 1.5 | no |",
  ]);
});

test("articles have their claims, and so has whatever else is cited", () => {
  expect(lines.filter((line) => line.endsWith("| [toy](#toy) |"))).toEqual([
    expect.stringMatching(/^\| Tay et al\. 2021, .* \| 1 \| 1 \| 0 \| \[toy\]\(#toy\) \|$/),
    "| What heed adds of its own | 0 | 1 | 0 | [toy](#toy) |",
    "| Narang et al. 2021 | 0 | 0 | 1 | [toy](#toy) |",
  ]);
});

test("a section has question, stamp, settings, story, every claim and the figures", () => {
  const section = lines.slice(lines.indexOf("### toy"));
  expect(section).toContain("**Does \\*it\\* grow?** own.");
  expect(section).toContain(
    "4 trials of 2 settings with seeds 0, 1. Seen by heed 1.2.3, portable build, a host, 2026-01-02T03:04:05.000Z, program `0123456789abcdef`; something in that program has changed since.",
  );
  expect(section).toContain('Settings: `width` 4, 8; `steps` 600; `text` "".');
  expect(section).toContain("It grew by \\$2 and \\`more\\`.");
  expect(section.filter((line) => /^\| (holds|\*\*fails\*\*|not judged) /.test(line))).toEqual([
    "| holds | It grows. (`grows`) | \\|a\\| &lt; 2 | 1.5 | at full size | Tay et al. 2021, table 2 |",
    "| **fails** | It falls. (`falls`) | \\|a\\| &lt; 2 | 3 \\| 4 | at full size | Tay et al. 2021, table 2 |",
    "| **fails** | It is shown. (`shown`) | \\|a\\| &lt; 2 | 1.5 | nothing | own |",
    "| not judged | It grows. (`unseen`) | \\|a\\| &lt; 2 | – | at full size | Narang et al. 2021, table 1 |",
  ]);
  expect(section.slice(-4)).toEqual([
    "![Growth \\[m\\]](docs/toy-1.png)",
    "",
    "**Growth \\[m\\].** Up, and &lt;up>.",
    "",
  ]);
});

test("without failures it says so", () => {
  const fine = { ...result, claims: [claim({})] };
  const page = renderExperimentsPage(
    [{ ...entries[0]!, seen: { result: fine, current: true, figures: [] } }],
    "",
  );
  expect(page).toContain("## What fails\n\nNothing.\n");
  expect(page).not.toContain("has changed since");
  expect(page).not.toContain("Not run at full size");
});
