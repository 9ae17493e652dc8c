import type { BuiltJob, OperatorDefinition } from '@lightflus/api'
import type { Demand } from './demand.ts'
import { jobUse } from './job-use.ts'
import type { RecordUse, WholeValue } from './record-use.ts'
import { structureOf } from './structure.ts'

/** What a source of JSON decodes of its records, for people and their tools. */
export interface SourceDecoding {
  readonly source: string
  /** Paths of the fields that are decoded, such as `bid.price`. Null: the record as a whole. */
  readonly fields: readonly string[] | null
  /** Why a record, or one of its objects, is decoded as a whole. */
  readonly wholes: readonly SourceWhole[]
}

export interface SourceWhole {
  /** Of the object; empty for the record itself. */
  readonly path: string
  readonly operator: string
  readonly reason: string
}

/** Of each source of JSON, what is decoded of a record. */
export function sourceDecodings(job: BuiltJob): readonly SourceDecoding[] {
  const { sources } = jobUse(job)
  return [...sources]
    .map(([source, use]) => ({ source, use, operator: job.operators.get(source) as OperatorDefinition<'source'> }))
    .filter(({ operator }) => operator.functions.format === 'json')
    .map(({ source, use, operator }) => decodingOf(source, use, operator))
}

function decodingOf(source: string, { demand, wholes }: RecordUse, operator: OperatorDefinition<'source'>) {
  const own = ownReason(operator)
  if (own !== undefined) return { source, fields: null, wholes: [{ path: '', operator: source, reason: own }] }
  return { source, fields: demand.whole ? null : pathsOf(demand), wholes: wholes.map(shown) }
}

/** Why a source decodes its records as a whole whatever is used of them. */
function ownReason({ functions: { schema, watermark } }: OperatorDefinition<'source'>): string | undefined {
  if (watermark !== undefined) return 'its watermark has functions'
  if (schema === undefined || structureOf(schema)) return undefined
  return 'its schema says more than of what kind fields are'
}

const shown = ({ path, operator, reason }: WholeValue): SourceWhole => ({ path: path.join('.'), operator, reason })

function pathsOf({ fields }: Demand, path: readonly string[] = []): string[] {
  return [...fields].sort(byName).flatMap(([name, inner]) => {
    const own = [...path, name]
    return inner.whole || inner.fields.size === 0 ? [own.join('.')] : pathsOf(inner, own)
  })
}

const byName = ([a]: readonly [string, Demand], [b]: readonly [string, Demand]): number => (a < b ? -1 : 1)
