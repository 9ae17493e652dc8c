import { crc32cModule } from './crc32c-module.ts'

/** The part of the JavaScript interface of WebAssembly that is used here: no library of types has it without a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

/** What libs/connectors/wasm/crc32c exports; its comments say what each function does. */
interface Exports {
  readonly dataAt: { readonly value: number }
  prepare(): void
  move(crc: number, start: number, length: number): number
}

/** Of 64 KiB; few enough that what was copied is still in the processor's second cache. */
const memoryPages = 5

/** CRC-32C in WebAssembly; undefined where there is none with relaxed SIMD. */
export function crc32cInWebAssembly(): ((bytes: Uint8Array) => number) | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: memoryPages, maximum: memoryPages })
    const module = new WebAssembly.Module(Buffer.from(crc32cModule, 'base64'))
    const { dataAt, prepare, move } = new WebAssembly.Instance(module, { env: { memory } }).exports as Exports
    prepare()
    const data = new Uint8Array(memory.buffer, dataAt.value)
    return (bytes) => {
      let crc = ~0
      for (let at = 0; at < bytes.length; at += data.length) {
        const part = at === 0 && bytes.length <= data.length ? bytes : bytes.subarray(at, at + data.length)
        data.set(part)
        crc = move(crc, dataAt.value, part.length)
      }
      return ~crc >>> 0
    }
  } catch {
    return undefined
  }
}
