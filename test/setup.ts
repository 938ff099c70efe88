// Every test file of a project runs on that project's build.
import { inject } from "vitest";
import { init } from "../src/runtime/instance";

await init({ build: inject("build") });
