import type { Aggregate, BatchFunction } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { optional, resolveOptions, whole } from '../internal/options.ts'
import { aggregateForm, type WasmAggregateOptions } from './aggregate-form.ts'
import { bytesOfBase64 } from './base64.ts'
import { bytesForm, recordsForm, type WasmBytesOptions } from './bytes-form.ts'
import { columnsForm, type WasmColumnsOptions } from './columns-form.ts'
import { moduleFacts, pageBytes, withMemoryMax } from './module-format.ts'
import { WasmInstance } from './wasm-instance.ts'

export interface WasmOptions {
  /** Most memory that the module may have, in bytes; growing beyond it fails inside the module. Default 64 MiB. */
  readonly memoryBytesMax?: number
}

/** One export of a module, to be used as a function of an operator in one of these forms. */
export interface WasmFunction {
  /**
   * Numbers in columns, one number out for each record: for map. A batch is one call.
   * @example orders.map(wasm(module, 'risk').columns({ in: [(o: Order) => o.amount], out: (o, risk) => ({ ...o, risk }) }))
   */
  columns<T, R = number>(options: WasmColumnsOptions<T, R>): BatchFunction<T, R>
  /** The same where the number says whether the record passes, 0 for no: for filter. */
  test<T>(options: Pick<WasmColumnsOptions<T, boolean>, 'in'>): BatchFunction<T, boolean>
  /** Bytes in, bytes out: for map. */
  bytes<T, R = Uint8Array>(options: WasmBytesOptions<T, R>): (record: T) => R
  /** Bytes in, any number of pieces out: for flatMap. */
  records<T, R = Uint8Array>(options: WasmBytesOptions<T, R>): (record: T) => R[]
  /** An aggregate whose accumulator is some numbers: for aggregate. */
  aggregate<T>(options: WasmAggregateOptions<T>): Aggregate<T, number[], number>
}

/**
 * A function of a WebAssembly module. What the module has to export for each form is in the reference; it may import
 * nothing but AssemblyScript's `env.abort`. Its memory is not part of checkpoints, so what it computes must depend on
 * its arguments alone. A trap is an error of the record, as if a function of the program had thrown.
 *
 * @param module the bytes of the module: `import module from './risk.wasm'`; or, where a program is one file, their Base64.
 * @throws LF_PROGRAM_WASM where they are no module, the export is not there, or it asks its host for more.
 */
export function wasm(module: Uint8Array | string, name: string, options?: WasmOptions): WasmFunction {
  const { memoryBytesMax } = resolveOptions('wasm', options, {
    memoryBytesMax: optional(whole(pageBytes, 2 ** 32), 64 * 2 ** 20),
  })
  const bytes = typeof module === 'string' ? decoded(module) : module
  const require = checked(bytes, memoryBytesMax)
  const instance = () => WasmInstance.of(bytes, memoryBytesMax)
  return {
    columns(given) {
      require(name, 'alloc')
      return columnsForm(name, instance, given)
    },
    test({ in: columns }) {
      require(name, 'alloc')
      return columnsForm(name, instance, { in: columns, out: (_record, passes) => passes !== 0 })
    },
    bytes(given) {
      require(name, 'alloc')
      return bytesForm(name, instance, given)
    },
    records(given) {
      require(name, 'alloc')
      return recordsForm(name, instance, given)
    },
    aggregate(given) {
      require(...['init', 'add', 'merge', 'result'].map((part) => `${name}_${part}`), 'alloc')
      return aggregateForm(name, instance, given)
    },
  }
}

function decoded(text: string): Uint8Array {
  try {
    return bytesOfBase64(text)
  } catch (thrown) {
    throw refusal(`${(thrown as Error).message}.`)
  }
}

/** Looks at a module; what it gives throws where exports are missing. */
function checked(module: Uint8Array, memoryBytesMax: number): (...exports: string[]) => void {
  if (!(module instanceof Uint8Array)) throw refusal('takes the bytes of a module, a Uint8Array or Base64 text.')
  let facts
  try {
    facts = moduleFacts(module)
    withMemoryMax(module, Math.floor(memoryBytesMax / pageBytes))
  } catch (thrown) {
    throw refusal(`the bytes are no module that can be used: ${(thrown as Error).message}.`)
  }
  const strange = facts.imports.filter((each) => each !== 'env.abort')
  if (strange.length > 0) throw refusal(`the module imports ${strange.join(', ')}, and nothing but env.abort is there.`)
  if (!facts.hasMemory) throw refusal("the module does not export its memory as 'memory'.")
  return (...exports) => {
    const missing = exports.filter((each) => !facts.functions.has(each))
    if (missing.length > 0) throw refusal(`the module exports no function ${missing.join(', ')}.`)
  }
}

const refusal = (what: string): LightflusError => new LightflusError('LF_PROGRAM_WASM', `wasm: ${what}`)
