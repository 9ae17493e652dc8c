import type { GraphEdge, OperatorDefinition } from '@lightflus/api'
import { compileReader } from '../compiled/compile-reader.ts'
import type { Demand } from '../field-use/demand.ts'
import { jobUse, type JobUse } from '../field-use/job-use.ts'
import type { OperatorContext } from '../operators/operator.ts'
import { createRecordDecoder } from '../operators/source/record-decoder.ts'
import type { ReadPayloads } from '../operators/source/source.ts'
import type { PhysicalPlan } from '../plan/plan.ts'
import { createJsonScanner } from '../scan/json-scanner.ts'
import type { JsonScanner, ScanDemand } from '../scan/scan-types.ts'
import type { SubtaskOptions } from './subtask-options.ts'

/** How a source's payloads become records: by generated code, and with what is used of them only, wherever that can be. */
export function recordsOf(
  context: OperatorContext<'source'>,
  { plan, operators, interpreted, host }: SubtaskOptions,
  title: string,
): ReadPayloads {
  const { operator, failures, metrics } = context
  const { functions, node } = operator
  if (!interpreted) {
    const scanner = isScannable(operator) ? scannerOf(useOf(plan, operators).sources.get(node.id)!.demand) : undefined
    const onPlain = (count: number) => void (metrics.recordsPlain += count)
    const read = compileReader({ functions, failures, title, scanner, onPlain })
    if (read !== undefined) return read
  }
  const decode = createRecordDecoder(functions, failures)
  return (read) => ({ ...decode(read), next: read.payloads.length })

  function scannerOf(demand: Demand): JsonScanner | undefined {
    return demand.whole ? undefined : createJsonScanner(scanDemandOf(demand), { title, host })
  }
}

/** A schema may change what it validates, and what a watermark's functions keep of a record is not known. */
function isScannable({ functions }: OperatorDefinition<'source'>): boolean {
  return functions.format === 'json' && functions.schema === undefined && functions.watermark === undefined
}

/** What is used of the records of a job, told from its plan. */
function useOf({ job, chains, edges }: PhysicalPlan, operators: SubtaskOptions['operators']): JobUse {
  const nodes = chains.flatMap((chain) => chain.operators.map(({ id }) => operators.get(id)!.node))
  const inner = chains
    .flatMap((chain) => chain.operators)
    .flatMap(({ id, parent, output }) => (parent === undefined ? [] : [edgeOf(parent, id, output)]))
  const crossing = edges.map(({ fromOperator, toChain, output }) => edgeOf(fromOperator, toChain, output))
  const graph = { formatVersion: 1, job, operators: nodes, edges: [...inner, ...crossing] } as const
  return jobUse({ name: job, graph, operators })
}

const edgeOf = (from: string, to: string, output: string | undefined): GraphEdge => ({
  ...{ from, to, exchange: 'forward' },
  ...(output !== undefined && { output }),
})

function scanDemandOf(demand: Demand): ScanDemand {
  return { demand, fields: new Map([...demand.fields].map(([name, wanted]) => [name, scanDemandOf(wanted)])) }
}
