import type { ConnectorContext } from '@lightflus/engine'

/**
 * What is made of one record of a sink's write. A record on which `make` throws is rejected, and yields undefined where
 * the job goes on without it.
 * @param index of the record in the write
 */
export function unlessRejected<T>(
  rejectRecord: ConnectorContext<'sink'>['rejectRecord'],
  index: number,
  make: () => T,
): T | undefined {
  try {
    return make()
  } catch (thrown) {
    rejectRecord(thrown, { index })
    return undefined
  }
}
