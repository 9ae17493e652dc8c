import type { Aggregate } from '../definition.ts'
import { lookingAt } from '../aggregates/looking-at.ts'
import { numberOf } from './columns-form.ts'
import type { WasmInstance } from './wasm-instance.ts'

export interface WasmAggregateOptions<T> {
  /** How many 64-bit floats an accumulator is. */
  readonly size: number
  /** The numbers of a record that are added, one function each. */
  readonly in: readonly ((record: T) => number)[]
}

/**
 * Calls `<name>_init(acc)`, `<name>_add(acc, x0, x1, …)`, `<name>_merge(acc, other)` and `<name>_result(acc)`, where `acc`
 * points to the accumulator's floats. Accumulators live in the job's state and are copied in and out.
 */
export function aggregateForm<T>(
  name: string,
  instance: () => WasmInstance,
  { size, in: columns }: WasmAggregateOptions<T>,
): Aggregate<T, number[], number> {
  const place = (module: WasmInstance, which: 'a' | 'b'): number => module.region(`${name} ${which}`, size * 8)
  const put = (module: WasmInstance, pointer: number, accumulator: readonly number[]) =>
    new Float64Array(module.memory, pointer, size).set(accumulator)

  /** Only a call that came back changes the accumulator. */
  function changed(accumulator: number[], part: string, ...values: number[]): number[] {
    const module = instance()
    const pointer = place(module, 'a')
    put(module, pointer, accumulator)
    module.call(`${name}_${part}`, pointer, ...values)
    const after = new Float64Array(module.memory, pointer, size)
    for (let i = 0; i < size; i++) accumulator[i] = after[i]
    return accumulator
  }

  return lookingAt(columns, {
    create: () => changed(new Array<number>(size).fill(0), 'init'),
    add: (accumulator, record) =>
      changed(accumulator, 'add', ...columns.map((column, at) => numberOf(column(record), at, name))),
    merge(a, b) {
      const module = instance()
      const other = place(module, 'b')
      put(module, other, b)
      return changed(a, 'merge', other)
    },
    result(accumulator) {
      const module = instance()
      const pointer = place(module, 'a')
      put(module, pointer, accumulator)
      return module.call(`${name}_result`, pointer)
    },
  })
}
