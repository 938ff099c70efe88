// What made-up-name tells in words: who knows Smith, who knows Gigamuru, and which heads do it.
import { headName } from "../../analysis/circuits";
import { mean, where } from "../select";
import { layer, lookingBack, oneLayer, twoLayers } from "./names-claims";
import type { NamesMetrics, NamesTrial } from "./names-run";
import { percent } from "./rules";

export function namesStory(trials: readonly NamesTrial[]): string[] {
  const [one, two] = [oneLayer, twoLayers].map((wanted) =>
    where(trials, wanted).map(({ metrics }) => metrics),
  );
  if (!one?.length || !two?.length) return [];
  const both = (value: (metrics: NamesMetrics) => number) =>
    `one layer ${percent(mean(one.map(value)))}, two layers ${percent(mean(two.map(value)))}`;
  return [
    `Asked for a name that training had, as in "Doctor Smith ... Doctor", they get it right in: ${both(({ known }) => known)}.`,
    `With another name in the sequence, as in "Doctor Smith ... lamp Jones ... Doctor": ${both(({ two }) => two)}.`,
    `A made-up name, "Doctor Gigamuru ... Doctor", which never stood near a title in training: ${both(({ novel }) => novel)}.`,
    `Which of two names, or of two made-up ones, is the title's, where chance is 50 %: ${both(({ bindingNames, bindingNovel }) => (bindingNames + bindingNovel) / 2)}.`,
    howOne(one[0]!), // there is one
    ...howTwo(two[0]!),
  ];
}

function howOne({ heads, direct, knownProbability, novelProbability }: NamesMetrics): string {
  const looks = heads.map(
    (head) =>
      `${headName(head)} gives names that were told ${percent(head.toKnown)} of its attention, made-up ones ${percent(head.toNovel)}`,
  );
  return `How one layer does it: a title asks for names, whosever they are. At the second Doctor ${looks.join("; ")}. What the title says by itself is ${signed(direct.names)} of logit to names, ${signed(direct.common)} to common words and ${signed(direct.novel)} to made-up names. So Smith gets ${knownProbability.toFixed(2)} of the probability, Gigamuru ${novelProbability.toFixed(2)}.`;
}

function howTwo(metrics: NamesMetrics): string[] {
  const back = lookingBack(metrics);
  if (!back) return [];
  const copiers = layer(metrics, 1)
    .toSorted((a, b) => b.toNovel - a.toNovel)
    .map(
      (head) =>
        `${headName(head)} looks from the second Doctor at Gigamuru with ${percent(head.toNovel)} of its attention and copies (OV ratio ${head.copying.toFixed(2)})`,
    );
  const single = metrics.heads.map((head) => `${headName(head)} ${percent(head.novelWithout)}`);
  const whole = metrics.novelWithoutLayer.map((share, index) => `layer ${index} ${percent(share)}`);
  return [
    `How two layers do it: ${headName(back)} tells every word what came before it, with ${percent(back.previous)} of its attention one back; ${copiers.join(", and ")}. So Smith gets ${metrics.knownProbability.toFixed(2)} of the probability, Gigamuru ${metrics.novelProbability.toFixed(2)}.`,
    `Made-up names that two layers get right without one head: ${single.join(", ")}; without all heads of a layer: ${whole.join(", ")}.`,
  ];
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(2)}`;
}
