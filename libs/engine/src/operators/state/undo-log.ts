import type { OperatorContext } from '../operator.ts'

/**
 * What a function of the program has written for the record that it is at, as steps back. Kept under `onError: 'skip'`
 * only, where a record on which a function throws must leave nothing behind.
 */
export class UndoLog {
  readonly #steps: (() => void)[] = []

  /** @param step takes one write back, once all later ones have been. */
  note(step: () => void): void {
    this.#steps.push(step)
  }

  /** The record is done: what was written stays. */
  keep(): void {
    this.#steps.length = 0
  }

  undo(): void {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) step()
  }
}

/** The operator's, or undefined where an error ends the job and so needs no way back. */
export const undoLogOf = ({ operator }: OperatorContext): UndoLog | undefined =>
  operator.node.options['onError'] === 'skip' ? new UndoLog() : undefined
