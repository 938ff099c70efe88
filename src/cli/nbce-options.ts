// What `heed nbce` takes.
import { Option } from "commander";
import { pools } from "../nbce/pooling";
import { standard } from "../nbce/step";
import { checked } from "../terminal/command";
import { number, oneOf, whole } from "../terminal/options";

export function nbceOptions(): Option[] {
  return [
    new Option("--contexts <file...>", "the texts, in UTF-8").makeOptionMandatory(),
    new Option("--question <text>", "what is asked after each of them").makeOptionMandatory(),
    new Option("--template <text>", "how a context and the question become a prompt").default(
      "{context}\n\n{question}",
      '"{context}\\n\\n{question}"',
    ),
    new Option("--split", "cut contexts that do not fit into pieces that do").default(false),
    checked(
      "--pool <name>",
      `how contexts become one: ${Object.keys(pools).join(", ")}`,
      oneOf(pools),
    ).default(standard.pool),
    checked("--beta <b>", "how much what is said without context counts against", number(-1)).default(
      standard.beta,
    ),
    checked("--eta <nats>", "how much less unsure another context must be to take over", number(0)).default(
      standard.eta,
    ),
    checked(
      "--top-p <p>",
      "of each context only the likeliest tokens that reach p",
      number(0, 1, "low"),
    ).default(standard.topP),
    checked("--top-k <k>", "of each context only the k likeliest tokens", whole(1)),
    checked("--max-tokens <n>", "tokens to make", whole(1)).default(64),
    checked("--temperature <t>", "0 takes the likeliest token", number(0)).default(0),
    checked("--seed <n>", "randomness of the sampling", whole(0)).default(1),
  ];
}
