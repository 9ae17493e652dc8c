import type { PackedPayloads } from '../connector.ts'

/** Texts in one buffer with something between them, as a broker's batches have it. Null: no payload. */
export function pack(texts: readonly (string | null)[]): PackedPayloads {
  const parts = texts.map((text) => (text === null ? null : new TextEncoder().encode(text)))
  const between = 3
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0) + between, 0)).fill(0x7e)
  // Longer than they need to be, as a buffer's that is filled again and again.
  const starts = new Int32Array(texts.length + 2)
  const ends = new Int32Array(texts.length + 2)
  let at = 0
  for (const [index, part] of parts.entries()) {
    starts[index] = part === null ? -1 : at
    if (part === null) continue
    bytes.set(part, at)
    ends[index] = at += part.length
    at += between
  }
  return { length: texts.length, bytes, starts, ends }
}
