import type { PackedPayloads } from '@lightflus/engine'
import { nexmarkEvents } from './generator.ts'

/** Events from number 0, in one buffer and nowhere else: a heap full of texts would be gone through by every collection of garbage. */
export function packedEvents(count: number): PackedPayloads {
  const event = nexmarkEvents()
  const bytes = Buffer.allocUnsafe(count * 512)
  const [starts, ends] = [new Int32Array(count), new Int32Array(count)]
  for (let index = 0, at = 0; index < count; index++) {
    starts[index] = at
    ends[index] = at += bytes.write(event(index), at)
  }
  return { length: count, bytes, starts, ends }
}
