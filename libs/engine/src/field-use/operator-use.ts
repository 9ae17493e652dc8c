import type { Aggregate, OperatorDefinition, OperatorKind, SinkFunctions, WindowFunctions } from '@lightflus/api'
import { analyse } from './analyse.ts'
import { everything, text } from './demand.ts'
import type { FunctionUse, ResultShape } from './function-use.ts'
import { unionOfUses, unusedRecord, usedThrough, wholeRecord, type RecordUse } from './record-use.ts'

export type EncodedFunction = (operator: string) => string | undefined

interface Surroundings {
  /** What is wanted of what the operator emits. */
  readonly output: RecordUse
  /** The same of records that come too late. */
  readonly late: RecordUse
  /** Takes the functions that are analysed. */
  readonly used: Map<string, FunctionUse>
  readonly encodes: EncodedFunction
}

const justRecord: ResultShape = { kind: 'path', path: [] }
const changeOfRow: ResultShape = {
  kind: 'object',
  fields: new Map<string, ResultShape>([
    ['change', { kind: 'computed' }],
    ['row', justRecord],
  ]),
}

/** What an operator that has inputs, and all after it, want of the records that it is given. */
export function inputUse(operator: OperatorDefinition, surroundings: Surroundings): RecordUse {
  const { output, used } = surroundings
  const { node } = operator
  const by = new Functions(node.id, used)
  switch (node.kind) {
    case 'map':
      return by.look('fn', of(operator, 'map').fn, output)
    case 'filter':
      // Nothing but its truth counts of what the function gives.
      return unionOfUses([by.look('fn', of(operator, 'filter').fn, unusedRecord), output])
    case 'flatMap':
      return by.look('fn', of(operator, 'flatMap').fn, handedOn(node.id, 'fn'))
    case 'keyBy':
      return unionOfUses([by.look('key', of(operator, 'keyBy').key, wholeResult), output])
    case 'union':
    case 'sample':
      return output
    case 'changes':
      return usedThrough(changeOfRow, output)
    case 'assignTimestamps':
      return unionOfUses([timeUse(of(operator, 'assignTimestamps'), by), output])
    case 'deduplicate':
      return node.options['keep'] === 'first' ? output : wholeRecord(node.id, 'it keeps the last record of each key')
    case 'distinctUntilChanged': {
      const compared = of(operator, 'distinctUntilChanged').by
      if (compared === undefined) return wholeRecord(node.id, 'it compares whole records')
      return unionOfUses([by.look('by', compared, wholeResult), output])
    }
    case 'aggregate': {
      const { aggregates } = of(operator, 'aggregate')
      return aggregatesUse(node.id, aggregates, by, node.options['input'] === 'changelog')
    }
    case 'window':
      return unionOfUses([windowUse(node.id, of(operator, 'window'), by), surroundings.late])
    case 'sink':
      return sinkUse(operator as OperatorDefinition<'sink'>, by, surroundings.encodes(node.id))
    default:
      return wholeRecord(node.id, keeping.has(node.kind) ? 'it keeps records' : 'its functions are not analysed')
  }
}

const keeping: ReadonlySet<OperatorKind> = new Set([
  'reduce',
  'topN',
  'throttle',
  'join',
  'windowJoin',
  'intervalJoin',
  'temporalJoin',
])

/** What a source's own functions, and all after it, want of its records. */
export function ownUse(
  { node, functions }: OperatorDefinition<'source'>,
  output: RecordUse,
  used: Map<string, FunctionUse>,
): RecordUse {
  return unionOfUses([timeUse(functions, new Functions(node.id, used)), output])
}

function timeUse({ eventTime, watermark }: OperatorDefinition<'source'>['functions'], by: Functions): RecordUse {
  return unionOfUses([
    ...(eventTime ? [by.look('eventTime', eventTime, wholeResult)] : []),
    ...(watermark && 'from' in watermark ? [by.look('watermark.from', watermark.from, wholeResult)] : []),
    ...(watermark && 'onRecord' in watermark
      ? [by.look('watermark.onRecord', watermark.onRecord, wholeResult, 1)]
      : []),
  ])
}

function windowUse(id: string, { aggregates, gap, triggers = {} }: WindowFunctions, by: Functions): RecordUse {
  if (aggregates === undefined) return wholeRecord(id, 'its reduce keeps records')
  const onRecords = Object.entries(triggers).flatMap(([name, { onRecord }]) =>
    onRecord ? [by.look(`triggers.${name}.onRecord`, onRecord, wholeResult)] : [],
  )
  return unionOfUses([
    aggregatesUse(id, aggregates, by, false),
    ...(gap ? [by.look('gap', gap, wholeResult)] : []),
    ...onRecords,
  ])
}

function aggregatesUse(
  id: string,
  aggregates: Readonly<Record<string, Aggregate>>,
  by: Functions,
  isOverChangelog: boolean,
): RecordUse {
  return unionOfUses(
    Object.entries(aggregates).map(([name, aggregate]) => {
      const { looksAt } = (isOverChangelog ? aggregate.overChangelog : undefined) ?? aggregate
      if (looksAt === undefined) return wholeRecord(id, `aggregate '${name}' may keep records`)
      const looks = looksAt.map((fn, index) => by.look(`aggregates.${name}.${index}`, fn, wholeResult))
      return unionOfUses(looks)
    }),
  )
}

/** A sink with a function that makes what it writes looks at nothing but what its functions make. */
function sinkUse({ node, functions }: OperatorDefinition<'sink'>, by: Functions, encoded: string | undefined) {
  const names = Object.keys(functions)
  if (encoded === undefined && !names.includes('value') && !names.includes('row'))
    return wholeRecord(node.id, `the ${node.connector} sink takes records as they are`)
  const uses = names.map((name) => {
    const isWritten = name === 'value' || name === 'row'
    const wanted = name === encoded ? asText : isWritten ? handedOn(node.id, name) : wholeResult
    return by.look(name, (functions as SinkFunctions)[name], wanted)
  })
  if (encoded !== undefined && !names.includes(encoded)) uses.push(asText)
  return unionOfUses(uses)
}

/** What is wanted of a result that is used up on the spot. */
const wholeResult: RecordUse = { demand: everything, wholes: [] }
/** The same of one that may be the record. */
const handedOn = (operator: string, name: string): RecordUse => wholeRecord(operator, `${name} hands it on as it is`)
const asText: RecordUse = { demand: text, wholes: [] }

/** The functions of one operator, as they are analysed. */
class Functions {
  readonly #operator: string
  readonly #used: Map<string, FunctionUse>

  constructor(operator: string, used: Map<string, FunctionUse>) {
    this.#operator = operator
    this.#used = used
  }

  /** What a function wants of a record, and what is wanted of it by what is wanted of the result. */
  look(name: string, fn: object, output: RecordUse, parameter = 0): RecordUse {
    const use = analyse(fn, parameter)
    this.#used.set(name, use)
    const wholes = use.reason === undefined ? [] : [{ path: [], operator: this.#operator, reason: use.reason }]
    return unionOfUses([{ demand: use.reads, wholes }, usedThrough(use.result, output)])
  }
}

function of<Kind extends OperatorKind>(operator: OperatorDefinition, _kind: Kind) {
  return operator.functions as OperatorDefinition<Kind>['functions']
}
