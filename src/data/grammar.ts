// A corpus from a seeded grammar: English-like scenes of real words that agree in number, about people with made-up names.
//
//     Doctor Gimarru lives near the old mill. The dogs behind the door follow Gimarru. "Where are the foxes?" asks Doctor
//     Gimarru. "Doctor Gimarru!" calls a child, and Gimarru waits.                               (one line is one scene)
//
//     the dogs behind the door follow        number crosses a phrase: agreement to learn
//     the bird that sees the cats sings      ... or a clause
//     Doctor Gimarru ... Doctor Gimarru      a name is new in each scene: nothing to know, only to copy
import { type Rng, rng as seeded } from "../tensor/rng";
import * as lexicon from "./grammar-words";

/** Enough for some thousand steps of a small model, and generated in a blink. */
const DEFAULT_CHARACTERS = 400_000;

/** Chances, chosen so that most sentences are short and a name mostly returns within 64 characters. */
const SECOND_PERSON = 0.25;
const PLURAL = 0.45;
const ADJECTIVE = 0.3;
const PHRASE_AFTER_NOUN = 0.16;
const CLAUSE_AFTER_NOUN = 0.1;
const ABOUT_PERSON = 0.9;
const WITH_TITLE = 0.65;
const ADVERB = 0.3;

interface Person {
  readonly title: string;
  readonly name: string;
  readonly possessive: string;
}

interface Scene {
  readonly rng: Rng;
  readonly people: readonly Person[];
}

/** Words with the number that a verb must agree with. */
interface NounPhrase {
  readonly text: string;
  readonly plural: boolean;
}

/**
 * A text of exactly `characters` characters (default 400 000): scenes of four to seven sentences, one scene per line. A longer text
 * of the same seed begins with the shorter one.
 * @throws RangeError unless characters is a whole number of at least 1, and for a seed that `rng` refuses
 */
export function grammarText(options: { readonly characters?: number; readonly seed?: number } = {}): string {
  const { characters = DEFAULT_CHARACTERS, seed = 0 } = options;
  if (!(Number.isSafeInteger(characters) && characters >= 1)) {
    throw new RangeError(`grammar: characters must be a whole number of at least 1, got ${characters}`);
  }
  const rng = seeded(seed).fork("grammar");
  const lines: string[] = [];
  for (let length = 0; length < characters; ) {
    const line = `${sceneText(rng)}\n`;
    lines.push(line);
    length += line.length;
  }
  return lines.join("").slice(0, characters);
}

function sceneText(rng: Rng): string {
  const titles = rng.shuffle(lexicon.titles);
  const count = chance(rng, SECOND_PERSON) ? 2 : 1;
  const people = titles
    .slice(0, count)
    .map((title) => ({ title, name: madeUpName(rng), possessive: possessive(rng, title) }));
  const scene = { rng, people };
  const opening = people.map((person) => introduction(scene, person));
  const rest = Array.from({ length: 4 + rng.integer(3) }, () => sentence(scene));
  return [...opening, ...rest].join(" ");
}

function possessive(rng: Rng, title: string): string {
  if (title === "Lady") return "her";
  return title === "Mister" ? "his" : rng.choice(["her", "his"]);
}

/** Two or three syllables: Gimarru, Toulne, Brasoxi. */
function madeUpName(rng: Rng): string {
  let name = "";
  for (let syllables = 2 + rng.integer(2); syllables > 0; syllables--) {
    name +=
      rng.choice(lexicon.onsets) +
      frequent(rng, lexicon.vowels) +
      (syllables > 1 ? rng.choice(lexicon.codas) : "");
  }
  return capital(name);
}

function introduction(scene: Scene, person: Person): string {
  const { rng } = scene;
  const who = `${person.title} ${person.name}`;
  switch (rng.integer(3)) {
    case 0:
      return `${who} lives ${placePhrase(rng)}.`;
    case 1:
      return `${who} is ${article(`${frequent(rng, lexicon.adjectives)} ${frequent(rng, lexicon.callings)}`)}.`;
    default:
      return `${who} comes from ${madeUpName(rng)}.`;
  }
}

function sentence(scene: Scene): string {
  const { rng } = scene;
  const text = chance(rng, ABOUT_PERSON) ? rng.choice(aboutPerson)(scene) : clause(rng);
  return /[.!?"]$/.test(text) ? capital(text) : `${capital(text)}.`;
}

/** Sentences that name a person of the scene. */
const aboutPerson: readonly ((scene: Scene) => string)[] = [
  ({ rng, people }) => `${mention(rng, people)} ${actionPhrase(rng, false)}`,
  ({ rng, people }) =>
    `${mention(rng, people)} ${frequent(rng, lexicon.uses)[0]} ${nounPhrase(rng, lexicon.things).text}`,
  ({ rng, people }) =>
    `${mention(rng, people)} ${frequent(rng, lexicon.relations)[0]} ${nounPhrase(rng, lexicon.beings).text}`,
  ({ rng, people }) => {
    const subject = modified(rng, nounPhrase(rng, lexicon.beings));
    return `${subject.text} ${agree(frequent(rng, lexicon.relations), subject.plural)} ${mention(rng, people)}`;
  },
  ({ rng, people }) => {
    const person = rng.choice(people);
    const caller = nounPhrase(rng, lexicon.beings);
    const calls = frequent(rng, lexicon.calls);
    return `"${person.title} ${person.name}!" ${agree(calls, caller.plural)} ${caller.text}, and ${person.name} ${frequent(rng, lexicon.actions)[0]}`;
  },
  ({ rng, people }) => `${mention(rng, people)} says that ${clause(rng)}`,
  ({ rng, people }) => `"${capital(clause(rng))}," says ${mention(rng, people)}`,
  ({ rng, people }) => {
    const subject = nounPhrase(rng, lexicon.beings);
    return `"Where ${subject.plural ? "are" : "is"} ${subject.text}?" asks ${mention(rng, people)}`;
  },
  ({ rng, people }) => {
    const plural = chance(rng, PLURAL);
    const friends = agree(frequent(rng, lexicon.beings), plural);
    return `the ${friends} of ${mention(rng, people)} ${actionPhrase(rng, plural)}`;
  },
  ({ rng, people }) => {
    const person = rng.choice(people);
    const thing = frequent(rng, lexicon.things);
    return `${called(rng, person)} ${frequent(rng, lexicon.uses)[0]} ${person.possessive} ${agree(thing, chance(rng, PLURAL))}`;
  },
  ({ rng, people }) => {
    const [first, second] = rng.shuffle(people);
    if (first === undefined || second === undefined)
      return `${mention(rng, people)} is ${frequent(rng, lexicon.states)}`;
    return `${called(rng, first)} ${frequent(rng, lexicon.relations)[0]} ${called(rng, second)}`;
  },
];

/** A sentence without people: subject and verb agree, whatever stands between them. */
function clause(rng: Rng): string {
  const subject = modified(rng, nounPhrase(rng, lexicon.beings));
  switch (rng.integer(4)) {
    case 0:
      return `${subject.text} ${agree(frequent(rng, lexicon.uses), subject.plural)} ${nounPhrase(rng, lexicon.things).text}`;
    case 1:
      return `${subject.text} ${agree(frequent(rng, lexicon.relations), subject.plural)} ${nounPhrase(rng, lexicon.beings).text}`;
    case 2:
      return `${subject.text} ${subject.plural ? "are" : "is"} ${frequent(rng, lexicon.states)}`;
    default:
      return `${subject.text} ${actionPhrase(rng, subject.plural)}`;
  }
}

function nounPhrase(rng: Rng, nouns: readonly lexicon.Forms[]): NounPhrase {
  const plural = chance(rng, PLURAL);
  const noun = agree(frequent(rng, nouns), plural);
  const described = chance(rng, ADJECTIVE) ? `${frequent(rng, lexicon.adjectives)} ${noun}` : noun;
  if (chance(rng, 0.6)) return { text: `the ${described}`, plural };
  if (plural) return { text: `${rng.choice(["some", "two", "many", "these"])} ${described}`, plural };
  return {
    text: chance(rng, 0.6) ? article(described) : `${rng.choice(["every", "this"])} ${described}`,
    plural,
  };
}

/** Sometimes puts a phrase or a clause after the noun, with a noun of its own to mislead the verb. */
function modified(rng: Rng, phrase: NounPhrase): NounPhrase {
  const { text, plural } = phrase;
  if (chance(rng, PHRASE_AFTER_NOUN)) return { text: `${text} ${placePhrase(rng)}`, plural };
  if (!chance(rng, CLAUSE_AFTER_NOUN)) return phrase;
  const other = nounPhrase(rng, lexicon.beings);
  const verb = frequent(rng, lexicon.relations);
  if (chance(rng, 0.5)) return { text: `${text} that ${agree(verb, plural)} ${other.text}`, plural };
  return { text: `${text} that ${other.text} ${agree(verb, other.plural)}`, plural };
}

function actionPhrase(rng: Rng, plural: boolean): string {
  const verb = agree(frequent(rng, lexicon.actions), plural);
  if (chance(rng, ADVERB)) return `${verb} ${frequent(rng, lexicon.adverbs)}`;
  return chance(rng, 0.5) ? `${verb} ${placePhrase(rng)}` : verb;
}

function placePhrase(rng: Rng): string {
  return `${frequent(rng, lexicon.prepositions)} the ${agree(frequent(rng, lexicon.places), chance(rng, PLURAL))}`;
}

function mention(rng: Rng, people: readonly Person[]): string {
  return called(rng, rng.choice(people));
}

function called(rng: Rng, { title, name }: Person): string {
  return chance(rng, WITH_TITLE) ? `${title} ${name}` : name;
}

function agree([singular, plural]: lexicon.Forms, isPlural: boolean): string {
  return isPlural ? plural : singular;
}

function article(described: string): string {
  return /^([aeiou]|honest)/.test(described) ? `an ${described}` : `a ${described}`;
}

function capital(text: string): string {
  return text.replace(/^"?[a-z]/, (start) => start.toUpperCase());
}

function chance(rng: Rng, probability: number): boolean {
  return rng.uniform() < probability;
}

/** A word of a list, the early ones more often, as in real text: uniform among a uniform number of first words. */
function frequent<T>(rng: Rng, list: readonly T[]): T {
  return list[rng.integer(rng.integer(list.length) + 1)]!;
}
