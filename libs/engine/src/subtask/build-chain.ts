import { LightflusError, type OnError, type OperatorDefinition } from '@lightflus/api'
import { canBeFused } from '../compiled/segments.ts'
import type { Connector, ConnectorContext, ConnectorRole, SinkWriter } from '../connector.ts'
import { createInnerOperator, type InnerKind } from '../operators/create-operator.ts'
import { createLookup } from '../operators/lookup.ts'
import type { OperatorContext } from '../operators/operator.ts'
import { createRecordFailures } from '../operators/record-failures.ts'
import { createSink, type Sink } from '../operators/sink.ts'
import { createWindowCombiner, type WindowCombiner } from '../operators/window/combiner.ts'
import { Source } from '../operators/source/source.ts'
import { subtaskId, type Chain, type ChainEdge } from '../plan/plan.ts'
import { ExchangeOutput } from './exchange-output.ts'
import { createOperatorMetrics } from './metrics.ts'
import {
  RunningChain,
  type ChainMember,
  type InnerMember,
  type MemberOutputs,
  type OutputTakers,
} from './running-chain.ts'
import type { PlacedSink } from './committing-sinks.ts'
import { recordsOf, wantedValues, type EncodedSink } from './source-records.ts'
import { createStateAccount } from './state-budget.ts'
import type { SinkCheckpoints } from '../sink-commits.ts'
import type { SubtaskCheckpoints, SubtaskOptions } from './subtask-options.ts'

/**
 * Makes the operators of one subtask and connects them.
 * @param wake for the source's reader: there may be something to read.
 * @throws LF_PROGRAM_OPTION where a connector cannot do what the graph asks of it, and what the options' look-ups throw.
 */
export function buildChain(options: SubtaskOptions, chain: Chain, wake: () => void) {
  const members = new Map<string, ChainMember>()
  for (const { id } of chain.operators) members.set(id, createMember(options, options.operators.get(id)!, wake))
  const outputs = new Map<ChainMember, MemberOutputs>()
  const outputsOf = (member: ChainMember, output: string | undefined) => {
    const all = outputs.get(member) ?? new Map<string | undefined, OutputTakers>()
    const takers = all.get(output) ?? { consumers: [], exchanges: [] }
    outputs.set(member, all.set(output, takers))
    return takers
  }
  for (const { id, parent, output } of chain.operators)
    if (parent !== undefined) outputsOf(members.get(parent)!, output).consumers.push(members.get(id) as InnerMember)
  chain.outputs.forEach((edge, number) =>
    outputsOf(members.get(edge.fromOperator)!, edge.output).exchanges.push(
      new ExchangeOutput(options.outputs[number], edge.exchange, options.index, combinerOf(options, edge)),
    ),
  )
  const root = members.get(chain.id)!
  if ('source' in root && !options.interpreted) {
    const read = recordsOf(root, { options, title: titleOf(options), sinks: encodedSinks(chain, members) })
    if (read) root.source.readBy(read)
  }
  return {
    chain: new RunningChain({
      job: options.plan.job,
      members: [...members.values()],
      outputs,
      onSideOutput: options.onSideOutput,
      title: titleOf(options),
      interpreted: options.interpreted ?? false,
      freezesState: options.freezesState,
    }),
    source: 'source' in root ? root.source : undefined,
    sinks: [...members.values()].flatMap((member): PlacedSink[] => {
      const sink = sinkOf(member)
      return sink ? [{ sink, place: { job: options.plan.job, operator: member.definition.node.id } }] : []
    }),
  }
}

function sinkOf(member: ChainMember): Sink | undefined {
  return 'operator' in member && member.definition.node.kind === 'sink' ? (member.operator as Sink) : undefined
}

/** Sinks that write JSON, and that nothing but generated loops stands before. */
function encodedSinks({ id: root, operators }: Chain, members: ReadonlyMap<string, ChainMember>): EncodedSink[] {
  return operators.flatMap(({ id }) => {
    const sink = sinkOf(members.get(id)!)
    if (sink?.encodes === undefined) return []
    const way: InnerMember[] = []
    for (let at = id; at !== root; at = operators.find((each) => each.id === at)!.parent!)
      way.unshift(members.get(at) as InnerMember)
    return way.slice(0, -1).every(canBeFused) ? [{ sink, way: way.map(({ definition }) => definition) }] : []
  })
}

function createMember(options: SubtaskOptions, definition: OperatorDefinition, wake: () => void): ChainMember {
  const { id, kind } = definition.node
  const { job } = options.plan
  const metrics = createOperatorMetrics(id)
  const failures = createRecordFailures({
    job,
    operator: id,
    onError: definition.node.options['onError'] as OnError,
    metrics,
    log: (level, message) => options.log(level, id, message),
  })
  const context: OperatorContext = {
    job,
    operator: definition,
    metrics,
    failures,
    state: createStateAccount({ job, operator: id, metrics, budget: options.stateBudget }),
    subtask: { index: options.index, parallelism: options.plan.parallelism },
    bounded: options.plan.bounded,
    host: options.host,
    openStateStore: options.openStateStore && (() => options.openStateStore!(id)),
    signal: options.signal,
    log: (level, message) => options.log(level, id, message),
  }
  if (kind === 'source') {
    const source = context as OperatorContext<'source'>
    const connector = options.connector(definition.node.connector!)
    if (!connector.createSource) throw cannotBe(options, connector, definition)
    const reader = connector.createSource({
      ...connectorContext(options, source.operator, wake),
      wanted: () => wantedValues(options, source.operator),
      rejectRecord: (thrown, record) =>
        failures.threw(thrown, record !== undefined && 'partition' in record ? record : undefined),
    })
    return { definition, metrics, failures, source: new Source(source, reader, options.alignment) }
  }
  if (kind === 'sink') {
    const sink = context as OperatorContext<'sink'>
    const connector = options.connector(definition.node.connector!)
    const { createSink: createWriter } = connector
    if (!createWriter) throw cannotBe(options, connector, definition)
    const { checkpoints } = options
    const operator = createSink(
      sink,
      (rejectRecord) => {
        const given = { ...connectorContext(options, sink.operator, wake), ...sinkCheckpoints(checkpoints) }
        const writer = createWriter({ ...given, rejectRecord })
        assertDelivers(options.plan.job, definition, writer, checkpoints)
        return writer
      },
      checkpoints,
    )
    return { definition, metrics, failures, operator }
  }
  if (kind === 'lookup') {
    const lookup = context as OperatorContext<'lookup'>
    const connector = options.connector(definition.node.connector!)
    if (!connector.createLookup) throw cannotBe(options, connector, definition)
    const asked = connector.createLookup(connectorContext(options, lookup.operator, wake))
    return { definition, metrics, failures, operator: createLookup(lookup, asked) }
  }
  return { definition, metrics, failures, operator: createInnerOperator(kind, context as OperatorContext<InnerKind>) }
}

function combinerOf(options: SubtaskOptions, { combines, toChain }: ChainEdge): WindowCombiner | undefined {
  if (!combines) return undefined
  const window = options.operators.get(toChain) as OperatorDefinition<'window'>
  const failures = createRecordFailures({
    job: options.plan.job,
    operator: toChain,
    onError: 'fail',
    metrics: createOperatorMetrics(toChain),
    log: (level, message) => options.log(level, toChain, message),
  })
  return createWindowCombiner(window, failures)
}

/** Which subtask's it is, and of which attempt. */
function titleOf({ plan, chain, index, attempt }: SubtaskOptions): string {
  return `job ${plan.job}, subtask ${subtaskId({ chain, index })}, attempt ${attempt}`
}

function cannotBe({ plan }: SubtaskOptions, connector: Connector, { node }: OperatorDefinition): LightflusError {
  return new LightflusError(
    'LF_PROGRAM_OPTION',
    `Job ${plan.job}, operator ${node.id}: connector ${connector.kind} cannot be a ${node.kind}.`,
    { details: { job: plan.job, operator: node.id } },
  )
}

function sinkCheckpoints(checkpoints: SubtaskCheckpoints | undefined): { readonly checkpoints?: SinkCheckpoints } {
  if (checkpoints === undefined || checkpoints.intervalMs === null) return {}
  const { lineage, attempt, isDurable, intervalMs, timeoutMs } = checkpoints
  return { checkpoints: { lineage, attempt, isDurable, intervalMs, timeoutMs } }
}

/** A sink that is to write exactly once, and would not, is refused before it writes anything. */
function assertDelivers(
  job: string,
  { node }: OperatorDefinition,
  writer: SinkWriter,
  checkpoints: SubtaskCheckpoints | undefined,
): void {
  const { delivery } = (node.options['connector'] ?? {}) as { readonly delivery?: unknown }
  // Where a test stands in for the runtime, it stands in for sinks as well.
  if (delivery !== 'exactly-once' || writer.commits || checkpoints === undefined) return
  const why =
    checkpoints.intervalMs === null
      ? 'needs checkpoints, and the job makes none but the last'
      : `is not known to connector ${node.connector} as the sink is declared`
  throw new LightflusError('LF_SINK_DELIVERY', `Job ${job}, operator ${node.id}: delivery 'exactly-once' ${why}.`, {
    details: { job, operator: node.id },
  })
}

function connectorContext<Role extends ConnectorRole>(
  options: SubtaskOptions,
  operator: OperatorDefinition<Role>,
  wake: () => void,
): Omit<ConnectorContext<Role>, 'rejectRecord'> {
  const { id, connection } = operator.node
  return {
    job: options.plan.job,
    operator,
    connection: connection === undefined ? undefined : options.connection(connection),
    subtask: { index: options.index, parallelism: options.plan.parallelism },
    clock: options.host.clock,
    signal: options.signal,
    wake,
    log: (level, message) => options.log(level, id, message),
    publishRows: (rows) => options.publishRows(id, rows),
  }
}
