import { setFlagsFromString } from 'node:v8'

// Heaps of all threads look at this flag whenever they could grow.
const growth = (factor: number): void => setFlagsFromString(`--semi-space-growth-factor=${factor}`)

/**
 * Keeps the young generation of this thread's heap as small as V8 makes it at first. Loading modules and bundling would
 * let it grow to 15 MB, which a `lightflus run` then keeps for as long as its job runs.
 */
export function keepYoungGenerationSmall(): void {
  growth(1)
}

/** From here on young generations grow as V8 would have them: they double where much survives. */
export function letYoungGenerationGrow(): void {
  growth(2)
}
