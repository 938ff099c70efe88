// Every test file of a project runs on that project's build, on one thread; threads have tests of their own in processes of their own.
import { inject } from "vitest";
import { init } from "../src/runtime/instance";

await init({ build: inject("build"), threads: 1 });
