// The page of an experiment: verdicts in words, measurements, and safe strings.
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
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
      "1 of 2 judged claims holds; 1 not run at this size.",
    );
    expect(renderExperiment({ ...result, claims: [] }, [], COMMAND)).toContain(
      "This experiment makes no claims.",
    );
    expect(renderExperiment({ ...result, claims: result.claims.slice(2) }, [], COMMAND)).toContain(
      "No claim was judged; 1 not run",
    );
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
      ["– not run", `Wider is better ${HOSTILE}B1c, decides nothing`, "KL falls", "–", "own"],
    ]);
  });

  test("lists means and intervals by what varied, and the settings that did not", () => {
    expect(table(".scroll")).toContainEqual(["4", "0.4 ± 0.025"]);
    expect(table(".scroll")).toContainEqual(["8", "0.2 ± 0.025"]);
    expect(table(".settings")).toContainEqual(["steps", "600"]);
    expect(document.querySelector("main")!.textContent).toContain("Elhage et al. 2021");
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
