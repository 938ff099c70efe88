// The page of an experiment: verdicts in words, measurements, and safe strings.
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { Size } from "../../src/experiments/experiment";
import type { JudgedClaim } from "../../src/experiments/result";
import { renderExperiment } from "../../src/report";
import { exampleResult, HOSTILE } from "./example";

const result = exampleResult();
const COMMAND = `heed experiment bigram --prompt '${HOSTILE}'`;
const page = renderExperiment(
  result,
  [
    {
      title: "KL",
      caption: "By width.",
      plot: { kind: "bar", value: { label: "nats" }, bars: [{ name: "4", value: 0.4 }] },
    },
  ],
  COMMAND,
);
const { document } = parseHTML(page);
const table = (selector: string) =>
  [...document.querySelectorAll(`${selector} tbody tr`)].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );

describe("the page of an experiment", () => {
  test("opens with the question and the verdicts", () => {
    expect(document.querySelector("h1")!.textContent).toBe(result.question);
    expect(document.querySelector(".lead")!.textContent).toBe(
      "1 of 2 deciding claims holds; 1 not judged at this size.",
    );
    expect(renderExperiment({ ...result, claims: [] }, [], COMMAND)).toContain(
      "This experiment makes no claims.",
    );
    expect(renderExperiment({ ...result, claims: result.claims.slice(2) }, [], COMMAND)).toContain(
      "No claim was judged; 1 not judged at this size.",
    );
  });

  test("claims that decide nothing are counted apart, and fail softly at smoke size", () => {
    const [held, failed, notRun] = result.claims;
    const shown = { ...notRun!, id: "B1d", gate: "none", status: "fail" } as const;
    const page = (claims: readonly JudgedClaim[], size: Size) =>
      parseHTML(renderExperiment({ ...result, size, claims: [...claims] }, [], COMMAND)).document;
    const lead = (...claims: JudgedClaim[]) => page(claims, "smoke").querySelector(".lead")!.textContent;
    const passed = { ...shown, status: "pass" } as const;
    expect(lead(held!, shown, passed, notRun!)).toBe(
      "1 of 1 deciding claim holds; 1 of 2 that decide nothing; 1 not judged at this size.",
    );
    expect(lead(held!, shown)).toBe("1 of 1 deciding claim holds; 0 of 1 that decides nothing.");
    expect(lead(passed, passed)).toBe("2 of 2 claims that decide nothing hold.");
    const classes = (size: Size) =>
      [...page([failed!, shown], size).querySelectorAll(".verdict")].map((cell) => cell.className);
    expect(classes("smoke")).toEqual(["verdict fail", "verdict fail soft"]);
    expect(classes("full")).toEqual(["verdict fail", "verdict fail"]);
  });

  test("addresses break after their slashes, and names of programs are words", () => {
    const source = "Su 2023, kexue.fm/archives/9444; 1 / 8";
    const metrics = result.metrics.map((summary) => ({ ...summary, metric: "heldOutLoss" }));
    const claims = [{ ...result.claims[0]!, source }];
    const { document: shown } = parseHTML(renderExperiment({ ...result, claims, metrics }, [], COMMAND));
    const cell = shown.querySelector(".claims [data-label=Source]")!;
    expect(cell.innerHTML).toBe("Su 2023, kexue.fm/<wbr>archives/<wbr>9444; 1 / 8");
    expect(cell.textContent).toBe(source);
    expect(shown.querySelector(".scroll thead .number:last-child")!.textContent).toBe("held out loss");
  });

  test("says what came out, paragraph by paragraph, where the experiment does", () => {
    const titles = (html: string) =>
      [...parseHTML(html).document.querySelectorAll("h2")].map(({ textContent }) => textContent);
    const told = [...document.querySelectorAll("section")].find(
      (section) => section.querySelector("h2")!.textContent === "What came out",
    )!;
    expect([...told.querySelectorAll("p")].map(({ textContent }) => textContent)).toEqual(result.story);
    expect(titles(renderExperiment({ ...result, story: [] }, [], COMMAND))).not.toContain("What came out");
  });

  test("tells each claim with a sign and a word, what was expected and what was seen", () => {
    expect(table(".claims")).toEqual([
      [
        "✓ holds",
        `Wider is better ${HOSTILE}B1a, decides at every size`,
        "KL falls",
        `0.4 > 0.2 ${HOSTILE}`,
        "own",
      ],
      ["✗ fails", `Wider is better ${HOSTILE}B1b, decides at full size`, "KL falls", "0.2 < 0.4", "own"],
      ["– not judged", `Wider is better ${HOSTILE}B1c, decides nothing`, "KL falls", "–", "own"],
    ]);
  });

  test("claims that were judged stand first, the others are folded", () => {
    const [held, failed, notRun] = result.claims;
    const mixed = renderExperiment({ ...result, claims: [notRun!, failed!, notRun!, held!] }, [], COMMAND);
    const { document: shown } = parseHTML(mixed);
    const verdicts = (selector: string) =>
      [...shown.querySelectorAll(`${selector} .verdict`)].map(({ textContent }) => textContent);
    expect(verdicts("section > .claims")).toEqual(["✗ fails", "✓ holds"]);
    expect(verdicts("details .claims")).toEqual(["– not judged", "– not judged"]);
    expect(shown.querySelector("details summary")!.textContent).toBe("2 not judged at this size");
    const none = parseHTML(renderExperiment({ ...result, claims: [notRun!] }, [], COMMAND)).document;
    expect(none.querySelectorAll("section > .claims .verdict")).toHaveLength(1);
  });

  test("lists means and intervals by what varied, and the settings that did not", () => {
    expect(table(".scroll")).toContainEqual(["4", "0.4 ± 0.025"]);
    expect(table(".scroll")).toContainEqual(["8", "0.2 ± 0.025"]);
    expect(table(".settings")).toContainEqual(["steps", "600"]);
    expect(document.querySelector("main")!.textContent).toContain("Elhage et al. 2021");
  });

  test("configs that measure other things have tables of their own, without empty columns", () => {
    const config = [
      { part: "depth", rule: "", text: "", tokens: 8, width: 4 },
      { part: "sort", rule: "up", text: "", tokens: 16, width: 4 },
      { part: "sort", rule: "down", text: "", tokens: 32, width: 4 },
    ];
    const metrics = [
      { config: config[0]!, metric: "rank", mean: 3, count: 1 },
      { config: config[1]!, metric: "loss", mean: 1.5, count: 1 },
      { config: config[2]!, metric: "loss", mean: 2.5, count: 1 },
    ];
    const { document: shown } = parseHTML(renderExperiment({ ...result, config, metrics }, [], COMMAND));
    const tables = [...shown.querySelectorAll(".scroll table")].map((table) =>
      [...table.querySelectorAll("tr")].map((row) => [...row.children].map(({ textContent }) => textContent)),
    );
    expect(tables).toEqual([
      [
        ["part", "tokens", "rank"],
        ["depth", "8", "3"],
      ],
      [
        ["part", "rule", "tokens", "loss"],
        ["sort", "up", "16", "1.5"],
        ["sort", "down", "32", "2.5"],
      ],
    ]);
    const right = [...shown.querySelectorAll(".scroll thead .number")].map(({ textContent }) => textContent);
    expect(right).toEqual(["tokens", "rank", "tokens", "loss"]);
    // Of the settings that all trials share, the empty one is left out.
    const settings = [...shown.querySelectorAll(".settings th")].map(({ textContent }) => textContent);
    expect(settings).toContain("width");
    expect(settings).not.toContain("text");
  });

  test("gives the command that runs it again, letter by letter", () => {
    expect(document.querySelector("pre")!.textContent).toBe(`\n${COMMAND}`);
  });

  test("is one file: nothing to load, and no element out of a string", () => {
    expect(page).not.toMatch(/https?:|\/\/[a-z]+\.|@import|url\(/i);
    expect(document.querySelectorAll("img, script, link[rel=stylesheet]")).toHaveLength(0);
    expect(page).not.toMatch(/undefined|NaN|\[object/);
  });
});
