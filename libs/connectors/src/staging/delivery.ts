import { LightflusError } from '@lightflus/api'
import type { ConnectorContext, SinkCheckpoints } from '@lightflus/engine'

export type Delivery = 'exactly-once' | 'at-least-once'

/**
 * What a sink needs to write exactly once where it is to do so; undefined: it writes at least once.
 * @param stated by the program; null or undefined: exactly once where checkpoints survive the loss of the process
 * @throws LF_SINK_DELIVERY where exactly once is stated and the job makes no checkpoints
 */
export function exactlyOnce(
  { checkpoints, operator }: Pick<ConnectorContext<'sink'>, 'checkpoints' | 'operator'>,
  stated: Delivery | null | undefined,
): SinkCheckpoints | undefined {
  if (stated === 'at-least-once') return undefined
  if (stated == null) return checkpoints?.isDurable ? checkpoints : undefined
  if (checkpoints !== undefined) return checkpoints
  throw new LightflusError(
    'LF_SINK_DELIVERY',
    `Sink ${operator.node.id}: delivery 'exactly-once' needs checkpoints, and the job makes none`,
    { details: { operator: operator.node.id } },
  )
}
