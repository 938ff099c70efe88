// Parameter updates, one fused pass each. Scalars arrive in float64, so that 1 - beta keeps the digits that float32 would lose.
import { load_tail, madd, nmadd, store_tail } from "./simd";

/**
 * AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101), all arrays [n]. With g' = grad_scale g (g itself is untouched):
 * p -= lr weight_decay p; m = beta1 m + (1 - beta1) g'; v = beta2 v + (1 - beta2) g'^2;
 * p -= lr (m / correction1) / (sqrt(v / correction2) + eps). The caller gives correction = 1 - beta^step.
 */
export function sadamw(
  p: usize,
  m: usize,
  v: usize,
  g: usize,
  n: i32,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weight_decay: f64,
  correction1: f64,
  correction2: f64,
  grad_scale: f64,
): void {
  const b1 = f32x4.splat(<f32>beta1);
  const b2 = f32x4.splat(<f32>beta2);
  const r1 = f32x4.splat(<f32>((1 - beta1) * grad_scale));
  const r2 = f32x4.splat(<f32>((1 - beta2) * grad_scale * grad_scale));
  const decay = f32x4.splat(<f32>(lr * weight_decay));
  const step = f32x4.splat(<f32>(lr / correction1));
  const c2 = f32x4.splat(<f32>(1 / sqrt<f64>(correction2)));
  const e = f32x4.splat(<f32>eps);
  for (; n >= 4; n -= 4, p += 16, m += 16, v += 16, g += 16) {
    const g0 = v128.load(g);
    const m0 = madd(b1, v128.load(m), f32x4.mul(r1, g0));
    const v0 = madd(b2, v128.load(v), f32x4.mul(r2, f32x4.mul(g0, g0)));
    v128.store(m, m0);
    v128.store(v, v0);
    v128.store(p, adamw_step(v128.load(p), m0, v0, decay, step, c2, e));
  }
  if (n === 0) return;
  const g0 = load_tail(g, n);
  const m0 = madd(b1, load_tail(m, n), f32x4.mul(r1, g0));
  const v0 = madd(b2, load_tail(v, n), f32x4.mul(r2, f32x4.mul(g0, g0)));
  store_tail(m, m0, n);
  store_tail(v, v0, n);
  store_tail(p, adamw_step(load_tail(p, n), m0, v0, decay, step, c2, e), n);
}

function adamw_step(p: v128, m: v128, v: v128, decay: v128, step: v128, c2: v128, eps: v128): v128 {
  const denominator = madd(f32x4.sqrt(v), c2, eps);
  return f32x4.sub(nmadd(decay, p, p), f32x4.div(f32x4.mul(step, m), denominator));
}

/**
 * SGD with momentum: velocity = momentum velocity + (grad_scale g + weight_decay p); p -= lr velocity. All arrays [n].
 * A null velocity pointer means no momentum.
 */
export function ssgd(
  p: usize,
  velocity: usize,
  g: usize,
  n: i32,
  lr: f64,
  momentum: f64,
  weight_decay: f64,
  grad_scale: f64,
): void {
  const rate = f32x4.splat(<f32>lr);
  const keep = f32x4.splat(<f32>momentum);
  const decay = f32x4.splat(<f32>weight_decay);
  const scale = f32x4.splat(<f32>grad_scale);
  for (; n >= 4; n -= 4, p += 16, g += 16) {
    let step = madd(decay, v128.load(p), f32x4.mul(scale, v128.load(g)));
    if (velocity) {
      step = madd(keep, v128.load(velocity), step);
      v128.store(velocity, step);
      velocity += 16;
    }
    v128.store(p, nmadd(rate, step, v128.load(p)));
  }
  if (n === 0) return;
  let step = madd(decay, load_tail(p, n), f32x4.mul(scale, load_tail(g, n)));
  if (velocity) {
    step = madd(keep, load_tail(velocity, n), step);
    store_tail(velocity, step, n);
  }
  store_tail(p, nmadd(rate, step, load_tail(p, n)), n);
}
