import type { GraphEdge, OperatorDefinition } from '@lightflus/api'
import { compileReader } from '../compiled/compile-reader.ts'
import { compileEncoder } from '../encode/compile-encoder.ts'
import { shapeAlong, writtenShape } from '../encode/written-shape.ts'
import { textSafe } from '../encode/text-safe.ts'
import type { ResultShape } from '../field-use/function-use.ts'
import { jobUse, type JobUse } from '../field-use/job-use.ts'
import { scanDemandOf, withFiniteNumbers } from '../field-use/scan-demand.ts'
import { structureOf } from '../field-use/structure.ts'
import type { Sink } from '../operators/sink.ts'
import type { ReadPayloads } from '../operators/source/source.ts'
import { createJsonScanner } from '../scan/json-scanner.ts'
import type { JsonScanner, ScanDemand } from '../scan/scan-types.ts'
import type { SourceMember } from './running-chain.ts'
import type { SubtaskOptions } from './subtask-options.ts'

/** A sink that only generated loops stand before, so that what was scanned reaches it beside the records. */
export interface EncodedSink {
  readonly sink: Sink
  /** From behind the source to the sink. */
  readonly way: readonly OperatorDefinition[]
}

interface SourceRecordsOptions {
  readonly options: SubtaskOptions
  /** Whose code is generated: see `compileSegment`. */
  readonly title: string
  readonly sinks: readonly EncodedSink[]
}

/**
 * How a source's payloads become records, by generated code, with what is used of them only wherever that can be told.
 * Sinks that write JSON may then write texts as they were read.
 * @returns undefined where code must not be made of text.
 */
export function recordsOf(
  { definition: operator, failures, metrics }: SourceMember,
  { options, title, sinks }: SourceRecordsOptions,
): ReadPayloads | undefined {
  const { functions } = operator as OperatorDefinition<'source'>
  const structure = functions.schema && structureOf(functions.schema)
  const scanner = isScannable() ? scan() : undefined
  const onPlain = (count: number) => void (metrics.recordsPlain += count)
  return compileReader({ functions, failures, title, scanner, onPlain })

  /** What a watermark's functions keep of a record is not known, nor what is done with side outputs that nobody takes. */
  function isScannable(): boolean {
    const { format, schema, watermark } = functions
    const isKnown = schema === undefined || structure !== undefined
    return format === 'json' && isKnown && watermark === undefined && options.onSideOutput === undefined
  }

  function scan(): JsonScanner | undefined {
    const use = useOf(options, (id) => sinks.find(({ way }) => way.at(-1)!.node.id === id)?.sink.encodes)
    const { demand } = use.sources.get(operator.node.id)!
    if (demand.whole) return undefined
    const shapes = sinks.map(({ way, sink }) => shapeAlong(way, sink.encodes!, use))
    const checks = operator.node.options['validate'] === 'used' ? 'used' : 'all'
    const wanted = textSafe(scanDemandOf(demand, structure, checks), shapes)
    const made = createJsonScanner(wanted, { title, host: options.host })
    const scanner = made && structure ? withFiniteNumbers(made, structure) : made
    if (scanner) sinks.forEach((each, index) => encode(each, shapes[index], scanner))
    return scanner
  }

  function encode({ sink, way }: EncodedSink, shape: ResultShape, { slots, columns }: JsonScanner): void {
    const written = writtenShape(shape, slots[0].demand, slots)
    if (written === undefined) return
    const { node, functions: own } = way.at(-1) as OperatorDefinition<'sink'>
    const encoder = compileEncoder(written, own[sink.encodes!], columns, `${title}, sink ${node.id}`)
    if (encoder) sink.encodeBy(encoder)
  }
}

/** What is wanted of the values that a source's connector makes itself, where it can be told. */
export function wantedValues(
  options: SubtaskOptions,
  { node, functions }: OperatorDefinition<'source'>,
): ScanDemand | undefined {
  const { decode, schema, watermark } = functions
  const structure = schema && structureOf(schema)
  // The same as for a scan; and values that are decoded are not those that the program sees.
  if (structure === undefined || decode || watermark || options.onSideOutput) return undefined
  const { demand } = useOf(options, () => undefined).sources.get(node.id)!
  return scanDemandOf(demand, structure, node.options['validate'] === 'used' ? 'used' : 'all')
}

/** What is used of the records of a job, told from its plan. */
function useOf({ plan, operators }: SubtaskOptions, encodes: (operator: string) => string | undefined): JobUse {
  const { job, chains, edges } = plan
  const members = chains.flatMap((chain) => chain.operators)
  const within = members.flatMap(({ id, parent, output }) => (parent === undefined ? [] : [edgeOf(parent, id, output)]))
  const between = edges.map(({ fromOperator, toChain, output }) => edgeOf(fromOperator, toChain, output))
  const nodes = members.map(({ id }) => operators.get(id)!.node)
  const graph = { formatVersion: 1, job, operators: nodes, edges: [...within, ...between] } as const
  return jobUse({ name: job, graph, operators }, encodes)
}

const edgeOf = (from: string, to: string, output: string | undefined): GraphEdge => ({
  ...{ from, to, exchange: 'forward' },
  ...(output !== undefined && { output }),
})
