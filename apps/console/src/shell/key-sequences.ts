/** A second key counts as part of a sequence for this long. */
export const sequenceWithinMs = 1_000

export interface PressedKey {
  readonly key: string
  readonly at: number
}

/** The sequence that a key completes, given the key before it: `j` after `g` is `g j`. */
export function sequenceOf(before: PressedKey | undefined, pressed: PressedKey): string | undefined {
  if (!before || pressed.at - before.at > sequenceWithinMs) return undefined
  return `${before.key} ${pressed.key}`
}
