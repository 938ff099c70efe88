// lodash is here for Benchmark.js only, as a thing to hand over.
declare module "lodash" {
  const lodash: object;
  export default lodash;
}
