// heed as an ES module in plain Node.
import { exercise } from "./exercise.mjs";

process.stdout.write(JSON.stringify(await exercise()));
