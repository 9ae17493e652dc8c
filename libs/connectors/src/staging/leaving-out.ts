import type { LightflusError } from '@lightflus/api'
import type { ConnectorContext } from '@lightflus/engine'

/** What becomes of output that a target refuses for good. */
export interface LeavingOut {
  /** The sink's `onError` is `skip`: it is left out, and the rest is written. */
  readonly leavesOut: boolean
  /** Counts it, and logs each, since nothing else has it any more. */
  readonly onLeftOut: (error: LightflusError) => void
}

export function leavingOut({
  operator,
  log,
  rejectRecord,
}: Pick<ConnectorContext<'sink'>, 'operator' | 'log' | 'rejectRecord'>): LeavingOut {
  return {
    leavesOut: operator.node.options['onError'] === 'skip',
    onLeftOut(error) {
      log('warn', `Left out: ${error.code} ${error.message}`)
      rejectRecord(error)
    },
  }
}
