import type { ChangeKind, Key, Pane, TimeWindow } from '@lightflus/api'
import { functionOfText, printable } from '../../compiled/source-text.ts'
import type { RecordBatch } from '../../record.ts'
import type { EmittedResult } from './kept-window.ts'
import type { WindowNodeOptions } from './window-options.ts'

type ResultMaker = (key: Key, window: TimeWindow, pane: Pane) => Record<string, unknown>

/**
 * What makes the result of a pane, to which the fields of its aggregates are added. They have a place in it from the
 * beginning, where code may be made of text: fields that come later lie in an object of their own.
 * @param title whose it is: see `compileSegment`.
 */
export function resultMaker({ keyed, aggregates }: WindowNodeOptions, title: string): ResultMaker {
  const plain: ResultMaker = (key, window, pane) => (keyed ? { key, window, pane } : { window, pane })
  const names = aggregates ?? ['value']
  // In the text of an object it is no field.
  if (names.includes('__proto__')) return plain
  const fields = [
    ...(keyed ? ['key'] : []),
    'window',
    'pane',
    ...names.map((name) => `${JSON.stringify(name)}: undefined`),
  ]
  const text = `// ${printable(title)}, results\nreturn (key, window, pane) => ({ ${fields.join(', ')} })\n`
  return functionOfText<undefined, ResultMaker>(text, undefined) ?? plain
}

/** Results on their way out. */
export class PaneResults {
  #values: unknown[] = []
  #timestamps: number[] = []
  #changes: ChangeKind[] | undefined

  get length(): number {
    return this.#values.length
  }

  add(value: unknown, timestamp: number, change: ChangeKind = 'insert'): void {
    // Only now: a batch of inserts alone has no column of changes.
    if (change !== 'insert') this.#changes ??= this.#values.map(() => 'insert')
    this.#values.push(value)
    this.#timestamps.push(timestamp)
    this.#changes?.push(change)
  }

  /** In place of those that held until now: the last of them becomes the new one, what else merged into it is deleted. */
  replace(former: readonly EmittedResult[], value: unknown, timestamp: number): void {
    former.forEach((result, i) =>
      this.add(result.value, result.timestamp, i === former.length - 1 ? 'updateBefore' : 'delete'),
    )
    this.add(value, timestamp, former.length === 0 ? 'insert' : 'updateAfter')
  }

  take(): RecordBatch {
    const batch = {
      values: this.#values,
      timestamps: this.#timestamps,
      ...(this.#changes && { changes: this.#changes }),
    }
    this.#values = []
    this.#timestamps = []
    this.#changes = undefined
    return batch
  }
}
