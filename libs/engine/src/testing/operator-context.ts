import type { OnError, OperatorDefinition, OperatorKind } from '@lightflus/api'
import type { OperatorContext } from '../operators/operator.ts'
import { createRecordFailures } from '../operators/record-failures.ts'
import { createOperatorMetrics } from '../subtask/metrics.ts'
import { createStateAccount } from '../subtask/state-budget.ts'
import { VirtualHost } from './virtual-host.ts'

/** What an operator is made with when it is tested alone. */
export function operatorContext<Kind extends OperatorKind>(
  operator: OperatorDefinition<Kind>,
  given: Partial<Omit<OperatorContext<Kind>, 'log'>> & { readonly log?: string[]; readonly onError?: OnError } = {},
): OperatorContext<Kind> {
  const { log: lines = [], onError = 'fail', ...context } = given
  const { id } = operator.node
  const metrics = createOperatorMetrics(id)
  const log = (_level: string, message: string) => void lines.push(message)
  return {
    job: 'test',
    operator,
    metrics,
    failures: createRecordFailures({ job: 'test', operator: id, onError, metrics, log }),
    state: createStateAccount({ job: 'test', operator: id, metrics, budget: undefined }),
    subtask: { index: 0, parallelism: 1 },
    bounded: false,
    host: new VirtualHost(),
    signal: new AbortController().signal,
    log,
    ...context,
  }
}
