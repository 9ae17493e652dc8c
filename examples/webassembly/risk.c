/* A risk score for orders, as columns: plain C without a library. The loop is simple enough to be vectorised. */
#include <stdint.h>

/* Hands out memory that is never given back: the host asks for few, growing regions. */
extern unsigned char __heap_base;
static uintptr_t next_free = (uintptr_t)&__heap_base;

__attribute__((export_name("alloc"))) void *alloc(uint32_t bytes) {
  uintptr_t start = (next_free + 7) & ~(uintptr_t)7;
  uintptr_t pages_needed = (start + bytes + 65535) / 65536;
  uintptr_t pages_now = __builtin_wasm_memory_size(0);
  if (pages_needed > pages_now && __builtin_wasm_memory_grow(0, pages_needed - pages_now) == (uintptr_t)-1) return 0;
  next_free = start + bytes;
  return (void *)start;
}

/* columns: risk grows with the amount, and with its square above 1,000 */
__attribute__((export_name("risk"))) void risk(uint32_t count, const double *amount, const double *items, double *out) {
  for (uint32_t i = 0; i < count; i++) {
    double excess = amount[i] > 1000 ? amount[i] - 1000 : 0;
    out[i] = amount[i] * 0.01 + excess * excess * 0.0001 + items[i] * 0.5;
  }
}

/* aggregate: an exponential moving average; acc = { value, weight } */
__attribute__((export_name("ema_init"))) void ema_init(double *acc) { acc[0] = acc[1] = 0; }
__attribute__((export_name("ema_add"))) void ema_add(double *acc, double x) {
  acc[0] = acc[0] * 0.9 + x;
  acc[1] = acc[1] * 0.9 + 1;
}
__attribute__((export_name("ema_merge"))) void ema_merge(double *acc, const double *later) {
  /* what came before counts for less the more came after it, of which the weight tells: w = (1 - 0.9^n) / 0.1 */
  double faded = 1 - later[1] * 0.1;
  acc[0] = acc[0] * faded + later[0];
  acc[1] = acc[1] * faded + later[1];
}
__attribute__((export_name("ema_result"))) double ema_result(const double *acc) { return acc[0] / acc[1]; }

/* only for tests of what happens then: traps for a negative number */
__attribute__((export_name("strict_root"))) void strict_root(uint32_t count, const double *x, double *out) {
  for (uint32_t i = 0; i < count; i++) {
    if (x[i] < 0) __builtin_trap();
    out[i] = __builtin_sqrt(x[i]);
  }
}
