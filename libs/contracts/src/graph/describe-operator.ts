import type { OperatorNode } from '@lightflus/api'
import { conditionText, durationText, ruleText, watermarkText, windowText, type Rule } from './describe-rules.ts'

type DescribedOperator = Pick<OperatorNode, 'connector' | 'connection'> & {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * What an operator does beyond its kind, in a few words a part: `tumbling 5s`, `late by up to 10m`, `total`. Options that
 * are as they usually are say nothing; those that are unknown here are told by their names.
 */
export function describeOperator({ connector, connection, options }: DescribedOperator): string[] {
  const place = connector === undefined ? [] : [connection === undefined ? connector : `${connector} at ${connection}`]
  const parts = inOrder(Object.keys(options)).map((name) =>
    Object.hasOwn(tellers, name) ? tellers[name](options[name]) : told(name, options[name]),
  )
  return [...place, ...parts.filter((part) => part !== undefined)]
}

type Teller = (value: unknown) => string | undefined
const nothing: Teller = () => undefined
const unless =
  (usual: unknown, tell: (value: string) => string = (value) => value): Teller =>
  (value) =>
    value === usual || value === null ? undefined : tell(String(value))

const tellers: Readonly<Record<string, Teller>> = {
  connector: nothing,
  keyed: nothing,
  seed: nothing,
  maxClockAheadMs: nothing,
  onError: unless('fail', () => 'skips bad records'),
  bounded: (value) => (value === true ? 'ends' : undefined),
  all: (value) => (value === true ? 'all together' : undefined),
  windower: (value) => windowText(value as Rule),
  trigger: (value) => (value === null ? undefined : ruleText(value as Rule)),
  panes: unless('accumulating', (panes) => `${panes} panes`),
  allowedLatenessMs: (value) => (value === 0 ? undefined : `late by up to ${durationText(value as number)}`),
  lateOutput: unless(null, (output) => `late to ${output}`),
  emit: unless('updates'),
  input: unless('records', (input) => `of a ${input}`),
  inputs(value) {
    const inputs = value as readonly string[]
    return inputs.includes('changelog') ? `of ${inputs.join(' and ')}` : undefined
  },
  kind: (value) => String(value),
  watermark: (value) => watermarkText(value as Rule),
  idlenessMs: (value) => (value === null ? undefined : `idle after ${durationText(value as number)}`),
  alignment(value) {
    const alignment = value as { readonly group: string; readonly maxDriftMs: number } | null
    return alignment === null ? undefined : `at most ${durationText(alignment.maxDriftMs)} ahead in ${alignment.group}`
  },
  state: states('state'),
  broadcastState: states('broadcast state'),
  aggregates: (value) => (Array.isArray(value) ? value.join(', ') : undefined),
  cache(value) {
    const cache = value as { readonly ttlMs: number; readonly entriesMax: number } | null
    return cache === null ? undefined : `cached ${durationText(cache.ttlMs)}, ${cache.entriesMax} at most`
  },
}

/** What says most comes first. A database may have given the options another order than the program's. */
const telling = [
  'kind',
  'windower',
  'fromMs',
  'toMs',
  'allowedLatenessMs',
  'lateOutput',
  'trigger',
  'panes',
  'n',
  'records',
]

function inOrder(names: readonly string[]): string[] {
  return [...telling.filter((name) => names.includes(name)), ...names.filter((name) => !telling.includes(name))]
}

function states(what: string): Teller {
  return (value) => {
    const names = Object.keys(value as object)
    return names.length === 0 ? undefined : `${what} ${names.join(', ')}`
  }
}

/** `perMs: 1000` → `per 1s`, `records: 5` → `records 5`, `ordered: true` → `ordered`. */
function told(name: string, value: unknown): string | undefined {
  if (value === null || value === false || value === undefined) return undefined
  const words = name.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  if (value === true) return words
  if (typeof value === 'number' && name.endsWith('Ms')) return `${words} ${durationText(value)}`
  return `${words} ${typeof value === 'object' ? conditionText(value) : String(value)}`
}
