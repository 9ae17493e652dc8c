import type { Json, LookupFunctions, SinkFunctions, SourceFunctions } from '@lightflus/api'
import type {
  Clock,
  ConnectorContext,
  ConnectorRole,
  LookupContext,
  PublishedRow,
  ResolvedConnection,
  SinkCheckpoints,
} from '@lightflus/engine'

interface Common {
  readonly options: { readonly [name: string]: Json }
  readonly connection?: ResolvedConnection
  readonly subtask?: { readonly index: number; readonly parallelism: number }
  readonly clock?: Clock
  readonly signal?: AbortSignal
  readonly onError?: 'fail' | 'skip'
}

/** What a context heard from its reader or writer. */
export interface Heard {
  readonly rejected: unknown[]
  /** When it was woken. */
  readonly wakes: number[]
  readonly rows: PublishedRow[][]
  readonly log: string[]
}

const heardNothing = (): Heard => ({ rejected: [], wakes: [], rows: [], log: [] })

/** The context of a source in tests, as the engine would make it. */
export function sourceContext(
  given: Common & { readonly functions?: SourceFunctions },
): ConnectorContext<'source'> & { readonly heard: Heard } {
  const heard = heardNothing()
  const operator = { node: node('source', given), functions: given.functions ?? {} }
  return { ...common(given, heard), operator, heard }
}

/** The context of a sink in tests, as the engine would make it. */
export function sinkContext(
  given: Common & { readonly functions?: SinkFunctions; readonly checkpoints?: SinkCheckpoints },
): ConnectorContext<'sink'> & { readonly heard: Heard } {
  const heard = heardNothing()
  const operator = { node: node('sink', given), functions: given.functions ?? {} }
  const { checkpoints } = given
  return { ...common(given, heard), operator, heard, ...(checkpoints && { checkpoints }) }
}

/** The context of a lookup in tests, as the engine would make it. */
export function lookupContext(
  given: Common & { readonly functions?: LookupFunctions['connector'] },
): LookupContext & { readonly heard: Heard } {
  const heard = heardNothing()
  const functions: LookupFunctions = {
    key: (value: unknown) => value as string,
    combine: (_value, found) => found as unknown,
    ...(given.functions && { connector: given.functions }),
  }
  return { ...common(given, heard), operator: { node: node('lookup', given), functions }, heard }
}

function node<Kind extends ConnectorRole>(kind: Kind, given: Common) {
  const onError = given.onError ?? 'fail'
  return { id: `${kind}-1`, kind, named: false, options: { onError, connector: given.options } } as const
}

function common(given: Common, heard: Heard) {
  return {
    job: 'test',
    connection: given.connection,
    subtask: given.subtask ?? { index: 0, parallelism: 1 },
    clock: given.clock ?? { now: () => Date.now() },
    signal: given.signal ?? new AbortController().signal,
    wake: () => void heard.wakes.push(Date.now()),
    rejectRecord: (thrown: unknown) => {
      if (given.onError !== 'skip') throw thrown
      heard.rejected.push(thrown)
    },
    log: (level: string, message: string) => void heard.log.push(`${level}: ${message}`),
    publishRows: (rows: readonly PublishedRow[]) => void heard.rows.push([...rows]),
  }
}
