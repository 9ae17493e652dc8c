export interface GlobalWindower {
  readonly kind: 'global'
}

/**
 * One window for all time, which ends with the input: give it a trigger, or it only fires there.
 * @example globalWindow()
 */
export function globalWindow(): GlobalWindower {
  return { kind: 'global' }
}
