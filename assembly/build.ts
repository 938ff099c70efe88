// What this build is: its features and where the compiler's own data ends.

/** 1 when the build uses relaxed SIMD (`fast`), else 0. */
export function build_relaxed(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 1 : 0;
}

/** 1 when the build works on shared memory, else 0. */
export function build_shared(): i32 {
  return ASC_FEATURE_THREADS ? 1 : 0;
}

/** First byte of linear memory that the compiler leaves to the caller. */
export function heap_base(): usize {
  return __heap_base;
}
