import { LightflusError, type ChangeKind } from '@lightflus/api'
import type { ConnectorContext, PublishedRow, SinkWriter } from '@lightflus/engine'
import { jsonRow } from './json-row.ts'

export interface TableSinkOptions {
  /** Rows kept; older ones make room. */
  readonly rowsMax: number
}

/** How long rows gather before they are published, milliseconds: often enough to look live. */
const publishIntervalMs = 100

/**
 * Shows result rows. Of what gathers within {@link publishIntervalMs} only the newest `rowsMax` rows, one for each key,
 * are published, and as many that are gone: so a fast job costs its watchers no more than a slow one. Never back-pressure.
 */
export class TableSink implements SinkWriter {
  readonly #context: ConnectorContext<'sink'>
  readonly #rowsMax: number
  readonly #row: (value: unknown) => unknown
  readonly #key: ((value: unknown) => unknown) | undefined
  /** By key, oldest first; rows without one bear a number of their own. */
  readonly #waiting = new Map<string | number, PublishedRow>()
  #rowNumber = 0
  #timer: NodeJS.Timeout | undefined

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#rowsMax = (context.operator.node.options['connector'] as unknown as TableSinkOptions).rowsMax
    this.#row = context.operator.functions['row'] ?? ((value) => value)
    this.#key = context.operator.functions['key']
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  /** Of a changelog the last change of each key counts: a row, or that it is gone. */
  write(values: readonly unknown[], _timestamps?: readonly number[], changes?: readonly ChangeKind[]): void {
    const at = this.#context.clock.now()
    const isGone = (index: number) => changes?.[index] === 'delete' || changes?.[index] === 'updateBefore'
    for (const [identity, index] of this.#newest(values, isGone)) {
      try {
        const row = isGone(index) ? null : jsonRow(this.#row(values[index]))
        this.#waiting.delete(identity)
        this.#waiting.set(identity, { at, key: this.#key ? String(identity) : null, row })
      } catch (thrown) {
        this.#context.rejectRecord(thrown, { index })
      }
    }
    this.#makeRoom()
    if (this.#waiting.size > 0) this.#timer ??= setTimeout(() => this.#publish(), publishIntervalMs)
  }

  /** Indexes of the newest values by identity, as many as are kept: no work is done for rows that nobody will see. */
  #newest(
    values: readonly unknown[],
    isGone: (index: number) => boolean,
  ): readonly (readonly [string | number, number])[] {
    const key = this.#key
    const newest = new Map<string | number, number>()
    for (let index = key ? 0 : Math.max(0, values.length - this.#rowsMax); index < values.length; index++) {
      try {
        const identity = key ? keyText(key(values[index])) : this.#rowNumber++
        newest.delete(identity)
        newest.set(identity, index)
      } catch (thrown) {
        this.#context.rejectRecord(thrown, { index })
      }
    }
    return newestOf([...newest], this.#rowsMax, ([, index]) => isGone(index))
  }

  #makeRoom(): void {
    if (this.#waiting.size <= this.#rowsMax) return
    const kept = newestOf([...this.#waiting], this.#rowsMax, ([, { row }]) => row === null)
    this.#waiting.clear()
    for (const [identity, row] of kept) this.#waiting.set(identity, row)
  }

  #publish(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.size === 0) return
    const rows = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#context.publishRows(rows)
  }

  flush(): Promise<void> {
    this.#publish()
    return Promise.resolve()
  }

  bytesWritten(): number {
    return 0
  }

  close(): Promise<void> {
    this.#publish()
    return Promise.resolve()
  }
}

/** The newest `max` rows, and as many that are gone: neither pushes out the other. */
function newestOf<Entry>(entries: readonly Entry[], max: number, isGone: (entry: Entry) => boolean): Entry[] {
  const room = { there: max, gone: max }
  const kept: Entry[] = []
  for (let at = entries.length - 1; at >= 0 && room.there + room.gone > 0; at--) {
    const kind = isGone(entries[at]!) ? 'gone' : 'there'
    if (room[kind] === 0) continue
    room[kind]--
    kept.push(entries[at]!)
  }
  return kept.reverse()
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key
  if (typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean') return String(key)
  throw new LightflusError('LF_SINK_VALUE', `key must yield text or a number, not a value of type ${typeof key}`)
}
