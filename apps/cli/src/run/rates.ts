/** Rates are over so long, milliseconds: shorter flickers, longer lags. */
const spanMs = 3_000

interface Sample {
  readonly atMs: number
  readonly recordsIn: number
  readonly recordsOut: number
}

/** Records per second over the last few seconds, from totals that only rise. */
export class Rates {
  #samples: readonly Sample[] = []

  /** @returns the rates as of this sample. */
  add(sample: Sample): { readonly inPerSecond: number; readonly outPerSecond: number } {
    const inSpan = this.#samples.findIndex(({ atMs }) => atMs >= sample.atMs - spanMs)
    // One sample before the span stays, so that there is something to compare with after a long pause.
    this.#samples = [...this.#samples.slice(Math.max(0, inSpan === -1 ? this.#samples.length - 1 : inSpan - 1)), sample]
    const first = this.#samples[0]!
    const seconds = (sample.atMs - first.atMs) / 1_000
    if (seconds <= 0) return { inPerSecond: 0, outPerSecond: 0 }
    return {
      inPerSecond: Math.max(0, (sample.recordsIn - first.recordsIn) / seconds),
      outPerSecond: Math.max(0, (sample.recordsOut - first.recordsOut) / seconds),
    }
  }
}
