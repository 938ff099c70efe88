// A folder that two processes make at the same time, as trials side by side do.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { replaceFile } from "../../src/terminal/files";

const other = vi.hoisted(() => ({ comesFirst: (_path: string) => {} }));

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    mkdirSync: (path: string) => {
      other.comesFirst(path);
      return fs.mkdirSync(path);
    },
  };
});

test("a folder that another process makes in between is as good as one's own", async () => {
  const { mkdirSync } = await vi.importActual<typeof import("node:fs")>("node:fs");
  other.comesFirst = (path) => mkdirSync(path);
  const path = join(mkdtempSync(join(tmpdir(), "heed-")), "trials", "1", "step.txt");
  replaceFile(path, "whole");
  expect(readFileSync(path, "utf8")).toBe("whole");
});

test("a file that another process makes in between is no folder", () => {
  other.comesFirst = (path) => writeFileSync(path, "");
  const folder = join(mkdtempSync(join(tmpdir(), "heed-")), "trials");
  expect(() => replaceFile(join(folder, "step.txt"), "whole")).toThrow(
    "cannot be written, file already exists",
  );
});
