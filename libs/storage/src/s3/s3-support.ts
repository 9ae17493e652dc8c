import { randomUUID } from 'node:crypto'
import { LightflusError } from '@lightflus/api'

export type Created = 'made' | 'there'

/** The two requests that show whether a store creates an object once. */
export interface CreationProbe {
  readonly location: string
  create(path: string, bytes: Uint8Array): Promise<Created>
  delete(path: string): Promise<void>
}

/** Stays in the place, so that all starts but the first cost one request. A dot keeps it out of the port's paths. */
export const probePath = '.create-if-absent'
const writers = 8

/**
 * Refuses a store that would let two attempts of a job write at once. That one honours If-None-Match shows in one
 * request where the probe was left by an earlier start: it has to be refused. Where it was not, eight writers race for
 * one object, since some stores look first and write then; passing that is no proof, failing it is.
 * @throws LF_STORAGE_UNSUPPORTED, and what the store throws
 */
export async function assertCreatesOnce(probe: CreationProbe): Promise<void> {
  const bytes = new TextEncoder().encode('Tells that this store creates an object only once. Made by Lightflus.\n')
  if ((await probe.create(probePath, bytes)) === 'there') return
  if ((await probe.create(probePath, bytes)) !== 'there')
    throw unsupported(probe, 'wrote an object that was there, although the request forbade it (If-None-Match: *)')
  const path = `${probePath}-${randomUUID()}`
  try {
    const created = await Promise.all(
      Array.from({ length: writers }, (_, writer) => probe.create(path, Uint8Array.of(writer))),
    )
    const made = created.filter((each) => each === 'made').length
    if (made !== 1) throw unsupported(probe, `let ${made} of ${writers} concurrent writers create the same object`)
  } finally {
    await probe.delete(path)
  }
}

function unsupported({ location }: CreationProbe, what: string): LightflusError {
  return new LightflusError(
    'LF_STORAGE_UNSUPPORTED',
    `The store of ${location} cannot keep a job’s log: it ${what}. Two attempts of a job could write at once.`,
  )
}
