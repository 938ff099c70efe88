// One of a list at a size, as the address asks for it: what is chosen instead of what there is not, and the sentence about it.
import { expect, test } from "vitest";
import { type Choice, chosenBy, type Menu } from "../../src/web/choice";

type Size = "small" | "large";

const MENU: Menu<Size> = { what: "fruit", word: "fruit", first: "apple", sizes: ["small", "large"] };
const choice: Choice<Size> = { name: "pear", size: "small" };
const names = ["apple", "pear"];

test("what is not asked for stays, and what there is is chosen", () => {
  const idle = { choice, running: undefined, names };
  expect(chosenBy({}, MENU, idle)).toEqual({ choice, notice: "" });
  expect(chosenBy({ size: "large" }, MENU, idle)).toEqual({
    choice: { ...choice, size: "large" },
    notice: "",
  });
  expect(chosenBy({ fruit: "apple", name: "pear" }, MENU, idle).choice.name).toBe("apple");
});

test("what there is not gives way to the first name, or to the size that there was, with a sentence", () => {
  const idle = { choice, running: undefined, names };
  expect(chosenBy({ fruit: "stone", size: "large" }, MENU, idle)).toEqual({
    choice: { name: "apple", size: "large" },
    notice: "There is no fruit “stone”; this is apple.",
  });
  expect(chosenBy({ fruit: "apple", size: "huge" }, MENU, idle)).toEqual({
    choice: { name: "apple", size: "small" },
    notice: "There is no size “huge”: small or large.",
  });
});

test("a name is believed until the list is known", () => {
  const { choice: believed, notice } = chosenBy({ fruit: "stone" }, MENU, {
    choice,
    running: undefined,
    names: undefined,
  });
  expect({ believed, notice }).toEqual({ believed: { ...choice, name: "stone" }, notice: "" });
});

test("nothing else is chosen while one runs", () => {
  const busy = { choice, running: choice, names };
  expect(chosenBy({ fruit: "apple" }, MENU, busy)).toEqual({
    choice,
    notice: "pear, small size is running: stop it to choose another.",
  });
  expect(chosenBy({ fruit: "pear" }, MENU, busy)).toEqual({ choice, notice: "" });
});
