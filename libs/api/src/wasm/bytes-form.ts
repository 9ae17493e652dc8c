import type { WasmInstance } from './wasm-instance.ts'

export interface WasmBytesOptions<T, R> {
  /** The bytes of a record; text is encoded as UTF-8. Default: the record, which must be bytes or text then. */
  readonly in?: (record: T) => Uint8Array | string
  /** What is made of the bytes that come back, a copy that is the program's own. Default: they themselves. */
  readonly out?: (bytes: Uint8Array, record: T) => R
}

type Call = (record: unknown) => Uint8Array[]

/** Calls `name(pointer, length, result)`; it writes pointer and length of its answer to `result`, two 32-bit numbers. */
export function bytesForm<T, R>(
  name: string,
  instance: () => WasmInstance,
  options: WasmBytesOptions<T, R>,
): (record: T) => R {
  const call = caller(name, instance, options, (answer) => [answer.slice()])
  const { out } = options
  return (record) => {
    const [bytes] = call(record)
    return out ? out(bytes, record) : (bytes as R)
  }
}

/** The same call; the answer is pieces one behind the other, each with its length before it, 32 bits little-endian. */
export function recordsForm<T, R>(
  name: string,
  instance: () => WasmInstance,
  options: WasmBytesOptions<T, R>,
): (record: T) => R[] {
  const call = caller(name, instance, options, (answer) => pieces(answer, name))
  const { out } = options
  return (record) => {
    const found = call(record)
    return out ? found.map((bytes) => out(bytes, record)) : (found as R[])
  }
}

let encoder: TextEncoder | undefined

function caller(
  name: string,
  instance: () => WasmInstance,
  options: WasmBytesOptions<any, any>,
  copy: (answer: Uint8Array) => Uint8Array[],
): Call {
  return (record) => {
    const given: unknown = options.in ? options.in(record) : record
    const bytes = typeof given === 'string' ? (encoder ??= new TextEncoder()).encode(given) : given
    if (!(bytes instanceof Uint8Array))
      throw new TypeError(
        `WebAssembly export '${name}' takes bytes or text, not ${given === null ? 'null' : typeof given}`,
      )
    const module = instance()
    const result = module.region(`${name} result`, 8)
    const pointer = module.region(`${name} bytes`, Math.max(8, bytes.length))
    new Uint8Array(module.memory, pointer, bytes.length).set(bytes)
    module.call(name, pointer, bytes.length, result)
    const memory = module.memory
    const [at, length] = new Uint32Array(memory, result, 2)
    if (at + length > memory.byteLength)
      throw new RangeError(`WebAssembly export '${name}': its answer lies outside of its memory`)
    return copy(new Uint8Array(memory, at, length))
  }
}

function pieces(answer: Uint8Array, name: string): Uint8Array[] {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength)
  const found: Uint8Array[] = []
  for (let at = 0; at < answer.length;) {
    const length = at + 4 <= answer.length ? view.getUint32(at, true) : Infinity
    if (at + 4 + length > answer.length)
      throw new RangeError(`WebAssembly export '${name}': a piece of its answer is longer than the answer`)
    found.push(answer.slice(at + 4, at + 4 + length))
    at += 4 + length
  }
  return found
}
