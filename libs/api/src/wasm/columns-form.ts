import type { BatchFunction } from '../definition.ts'
import type { WasmInstance } from './wasm-instance.ts'

export interface WasmColumnsOptions<T, R> {
  /** The numbers of a record, one function a column. */
  readonly in: readonly ((record: T) => number)[]
  /** What is made of the record and the number that the module gives for it. Default: the number. */
  readonly out?: (record: T, result: number) => R
}

const numberBytes = Float64Array.BYTES_PER_ELEMENT

/** Calls `name(count, in0, in1, …, out)`: pointers to columns of `count` 64-bit floats, the last of which it fills. */
export function columnsForm<T, R>(
  name: string,
  instance: () => WasmInstance,
  { in: columns, out }: WasmColumnsOptions<T, R>,
): BatchFunction<T, R> {
  function batch(records: readonly T[]): R[] {
    const module = instance()
    const count = records.length
    const columnBytes = count * numberBytes
    const first = module.region(`${name} columns`, columnBytes * (columns.length + 1))
    columns.forEach((column, at) => {
      // Views are made anew, since a call of the program's function may be one of the module.
      const numbers = new Float64Array(module.memory, first + at * columnBytes, count)
      for (let i = 0; i < count; i++) numbers[i] = numberOf(column(records[i]), at, name)
    })
    const result = first + columns.length * columnBytes
    module.call(name, count, ...columns.map((_, at) => first + at * columnBytes), result)
    const results = new Float64Array(module.memory, result, count)
    return out ? Array.from(results, (number, i) => out(records[i], number)) : (Array.from(results) as R[])
  }
  return Object.assign((record: T) => batch([record])[0], { batch })
}

/** @throws TypeError: anything else would silently become NaN. */
export function numberOf(value: unknown, at: number, name: string): number {
  if (typeof value === 'number') return value
  throw new TypeError(
    `column ${at} of WebAssembly export '${name}' is ${value === null ? 'null' : typeof value}, not a number`,
  )
}
