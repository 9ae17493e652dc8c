import { pageBytes, withMemoryMax } from './module-format.ts'

/** The part of the JavaScript interface of WebAssembly that is used here: no library of types has it without a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports }
}
type Exports = Readonly<Record<string, unknown>>

/** A region of the module's memory that the host was given, for one use, until it needs a larger one. */
interface Region {
  readonly pointer: number
  readonly bytes: number
}

/**
 * A module at work in this thread, made when it is first called: programs are also built where there is no WebAssembly.
 * After a trap its memory may hold anything, so the next call begins with a new one.
 */
export class WasmInstance {
  readonly #bytes: Uint8Array
  readonly #memoryBytesMax: number
  #exports: Exports | undefined
  readonly #regions = new Map<string, Region>()

  private constructor(bytes: Uint8Array, memoryBytesMax: number) {
    this.#bytes = bytes
    this.#memoryBytesMax = memoryBytesMax
  }

  /** The one of this module and limit. */
  static of(bytes: Uint8Array, memoryBytesMax: number): WasmInstance {
    const ofModule = instances.get(bytes) ?? new Map<number, WasmInstance>()
    instances.set(bytes, ofModule)
    const instance = ofModule.get(memoryBytesMax) ?? new WasmInstance(bytes, memoryBytesMax)
    ofModule.set(memoryBytesMax, instance)
    return instance
  }

  /** @throws Error naming the export, where it traps or the module cannot be compiled. */
  call(name: string, ...values: number[]): number {
    try {
      return (this.#opened()[name] as (...values: number[]) => number)(...values)
    } catch (thrown) {
      this.#exports = undefined
      this.#regions.clear()
      throw new Error(`WebAssembly export '${name}': ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
        cause: thrown,
      })
    }
  }

  /** The memory as it is now: a call may have made it another, so views are not kept over calls. */
  get memory(): ArrayBuffer {
    return (this.#opened()['memory'] as { readonly buffer: ArrayBuffer }).buffer
  }

  /** Where at least so many bytes are the host's, aligned to 8. They keep what is in them until `use` asks for more. */
  region(use: string, bytes: number): number {
    const known = this.#regions.get(use)
    if (known !== undefined && known.bytes >= bytes) return known.pointer
    const wanted = Math.max(64, 2 ** Math.ceil(Math.log2(bytes)))
    const pointer = this.call('alloc', wanted) >>> 0
    if (pointer === 0 || pointer % 8 !== 0 || pointer + wanted > this.memory.byteLength)
      throw new Error(`WebAssembly export 'alloc': gave ${pointer} for ${wanted} bytes, which is no place for them`)
    this.#regions.set(use, { pointer, bytes: wanted })
    return pointer
  }

  #opened(): Exports {
    if (this.#exports !== undefined) return this.#exports
    const module = new WebAssembly.Module(withMemoryMax(this.#bytes, Math.floor(this.#memoryBytesMax / pageBytes)))
    this.#exports = new WebAssembly.Instance(module, { env: { abort } }).exports
    return this.#exports
  }
}

const instances = new WeakMap<Uint8Array, Map<number, WasmInstance>>()

/** What AssemblyScript calls instead of trapping. */
function abort(_message: number, _file: number, line: number, column: number): never {
  throw new Error(`aborted at line ${line}, column ${column} of its source`)
}
