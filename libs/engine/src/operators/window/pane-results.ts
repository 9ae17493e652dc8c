import type { ChangeKind } from '@lightflus/api'
import type { RecordBatch } from '../../record.ts'
import type { EmittedResult } from './kept-window.ts'

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
