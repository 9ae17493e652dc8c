import type { OperatorRestore } from '../checkpoint/snapshot.ts'
import type { RecordBatch } from '../record.ts'
import { selectRecords } from '../record-batch.ts'
import type { Operator, OperatorContext, OperatorState, Output } from './operator.ts'

interface SampleState {
  readonly subtask: number
  readonly seed: number
  /** Of the generator, a whole number below 2^32. */
  readonly state: number
}

/**
 * A share of the records, each chosen by chance and for itself. The generator is seeded by the program and the subtask's
 * number, and where it stands is in the snapshot: so a restored subtask chooses the records that it would have chosen.
 * At another parallelism a new subtask begins its sequence, and one that is gone leaves its own. A watermark passes
 * through.
 */
export function createSample({ operator, subtask }: OperatorContext<'sample'>): Operator {
  const { fraction, seed } = operator.node.options as { fraction: number; seed: number }
  let state = mix(seed + Math.imul(subtask.index, 0x9e37_79b9))

  /** Splitmix32: evenly spread in [0, 1), and all that it remembers is one number. */
  function random(): number {
    state = (state + 0x9e37_79b9) >>> 0
    return mix(state) / 0x1_0000_0000
  }

  return {
    restore({ subtasks }: OperatorRestore) {
      const own = (subtasks as readonly SampleState[]).find((left) => left.subtask === subtask.index)
      if (own?.seed === seed) state = own.state
    },
    open() {},
    processBatch(batch: RecordBatch, output: Output) {
      const chosen: number[] = []
      const count = batch.values.length
      for (let index = 0; index < count; index++) if (random() < fraction) chosen.push(index)
      if (chosen.length > 0) return output.emit(chosen.length === count ? batch : selectRecords(batch, chosen))
    },
    onWatermark() {},
    snapshot: (): OperatorState => ({
      subtask: { subtask: subtask.index, seed, state } satisfies SampleState,
      keyGroups: new Map(),
    }),
    flush() {},
    endInput() {},
    close() {},
  }
}

function mix(value: number): number {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
