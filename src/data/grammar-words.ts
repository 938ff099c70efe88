// The words of the grammar corpus. Each list runs from frequent to rare, as grammar.ts draws them.

/** [singular, plural], for nouns and verbs alike: "dog dogs" and "runs run". */
export type Forms = readonly [string, string];

function pairs(text: string): readonly Forms[] {
  return text
    .trim()
    .split(/\s*,\s*/)
    .map((pair) => {
      const [singular, plural] = pair.split(" ");
      return [singular!, plural!];
    });
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

export const beings =
  pairs(`dog dogs, cat cats, child children, bird birds, friend friends, horse horses, man men, woman women, baker bakers,
  fox foxes, mouse mice, teacher teachers, sailor sailors, goose geese, farmer farmers, wolf wolves, sheep sheep, painter painters, guest guests,
  owl owls, thief thieves, singer singers, neighbour neighbours, donkey donkeys, miller millers, witness witnesses`);

/** What a person may be. */
export const callings = words("baker teacher sailor farmer painter singer miller friend guest witness");

export const things =
  pairs(`book books, letter letters, lamp lamps, key keys, apple apples, boat boats, stone stones, map maps, bell bells, box boxes,
  knife knives, candle candles, basket baskets, coat coats, story stories, clock clocks, loaf loaves, drum drums, mirror mirrors, umbrella umbrellas,
  rope ropes, kettle kettles, ladder ladders, watch watches`);

export const places =
  pairs(`house houses, river rivers, garden gardens, door doors, tree trees, road roads, bridge bridges, hill hills, market markets,
  tower towers, mill mills, valley valleys, bench benches, island islands, orchard orchards`);

/** Verbs without an object. */
export const actions =
  pairs(`runs run, sleeps sleep, waits wait, sings sing, laughs laugh, walks walk, works work, listens listen, dances dance,
  rests rest, hides hide, dreams dream, whispers whisper, travels travel, smiles smile, wanders wander, hurries hurry, shivers shiver`);

/** Verbs with a being or a person as object. */
export const relations =
  pairs(`sees see, knows know, likes like, helps help, follows follow, hears hear, finds find, watches watch, meets meet,
  visits visit, fears fear, trusts trust, calls call, teaches teach, avoids avoid`);

/** Verbs after what was said. */
export const calls = pairs("calls call, shouts shout, cries cry, whispers whisper");

/** Verbs with a thing as object. */
export const uses =
  pairs(`has have, wants want, carries carry, keeps keep, needs need, buys buy, finds find, brings bring, opens open,
  hides hide, sells sell, loses lose, paints paint, mends mend, drops drop`);

export const adjectives =
  words(`old small young quiet red tall tired green happy brave heavy little bright strange clever angry
  honest gentle grey ancient`);

/** What the nouns themselves may be said to be. */
export const states = words("here late ready lost alone safe hungry awake cold busy asleep");

export const adverbs = words("today again slowly quietly now outside early tonight alone");

export const prepositions = words("near behind beside under by beyond");

export const titles = words("Doctor Captain Professor Lady Mister Judge");

export const onsets = words("m g r l k t n b d v s z p f gr tr j h w th br dr kl st");
export const vowels = words("a i o u e ai ou");
export const codas = ["", "", "", "", "r", "l", "n", "m", "s", "x"] as const;
