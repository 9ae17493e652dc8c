import { LightflusError } from '@lightflus/api'
import type { StreamElement } from '@lightflus/engine'

/**
 * The form in which an element crosses a message port. Event times go as one typed array, whose memory moves instead of
 * being copied; records are copied by structured clone. Where a record came from stays behind: see RecordBatch.
 */
export type WireElement =
  | {
      readonly kind: 'batch'
      readonly timestamps: Float64Array<ArrayBuffer>
      readonly values: readonly unknown[]
      readonly keys: Keys
    }
  | Exclude<StreamElement, { readonly kind: 'batch' }>

type Keys = Extract<StreamElement, { readonly kind: 'batch' }>['batch']['keys']

export function encodeElement(element: StreamElement): { readonly wire: WireElement; readonly moved: ArrayBuffer[] } {
  if (element.kind !== 'batch') return { wire: element, moved: [] }
  const { values, keys } = element.batch
  const timestamps = Float64Array.from(element.batch.timestamps)
  return { wire: { kind: 'batch', timestamps, values, keys }, moved: [timestamps.buffer] }
}

export function decodeElement(wire: WireElement): StreamElement {
  if (wire.kind !== 'batch') return wire
  const { values, keys } = wire
  const timestamps = Array.from(wire.timestamps)
  return { kind: 'batch', batch: keys === undefined ? { values, timestamps } : { values, timestamps, keys } }
}

/** What it means that an element could not be posted. */
export function unsendable(edge: string, thrown: unknown): LightflusError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new LightflusError(
    'LF_RECORD_UNSUPPORTED',
    `A record on the way ${edge} cannot be copied to another slot: ${reason}`,
    { details: { edge }, cause: thrown },
  )
}
