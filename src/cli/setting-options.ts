// The settings of a training run as options of the command line.
import { Option } from "commander";
import { at, UsageError } from "../terminal/usage";
import { type Row, rowGroups } from "./settings";

export function settingOptions(): Option[] {
  const group = (heading: string, some: Readonly<Record<string, Row<unknown>>>) =>
    Object.values(some).map(({ flags, help, standard, parse }) => {
      const option = new Option(flags, help).default(standard).helpGroup(heading);
      return option.argParser<unknown>((word) => at(option.long ?? flags, () => parse(word), UsageError));
    });
  return [
    ...group("Training:", rowGroups.training),
    ...group("Model:", rowGroups.model),
    ...group("What some of these read:", rowGroups.options),
  ];
}
