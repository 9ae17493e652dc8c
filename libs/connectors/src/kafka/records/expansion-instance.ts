import { blocksModule } from './blocks-module.ts'
import type { Placing } from './compression.ts'
import { damagedBlock, plainExpansion, type Expanding } from './expansion.ts'

/** The part of the JavaScript interface of WebAssembly that is used here: no library of types has it without a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Memory: new (size: { initial: number; maximum: number }) => Memory
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** What libs/connectors/wasm/blocks exports; its comments say what each function does. 0: damaged. */
interface Exports {
  snappy(start: number, end: number, outStart: number, outEnd: number): number
  lz4(start: number, end: number, outStart: number, outBegin: number, outEnd: number): number
}

const pageBytes = 65_536
/** Batches that take more room, what they expand to included, are expanded plainly: the memory never shrinks again. */
const memoryPagesMax = 256
/** Behind both stretches, for what is read and written beyond their ends. */
const slackBytes = 64
const inputAt = 64

/** A memory and what works on it, for one batch at a time. */
interface Machine extends Exports {
  readonly memory: Memory
}

let machine: Machine | false | undefined

/** Undefined where there is no WebAssembly with SIMD. */
function machineOf(): Machine | undefined {
  if (machine === undefined)
    try {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: memoryPagesMax })
      const module = new WebAssembly.Module(Buffer.from(blocksModule, 'base64'))
      machine = { memory, ...(new WebAssembly.Instance(module, { env: { memory } }).exports as Exports) }
    } catch {
      machine = false
    }
  return machine || undefined
}

/** In WebAssembly where there is such a thing and the batch is not larger than most. */
export function fastestExpansion(place: Placing): Expanding {
  return (bytes, bytesMax) => expansionInWebAssembly(place)(bytes, bytesMax) ?? plainExpansion(bytes, bytesMax)
}

/** One at a time: the next takes the same memory. */
export function expansionInWebAssembly(
  place: Placing,
): (...batch: Parameters<Expanding>) => ReturnType<Expanding> | undefined {
  return (bytes, bytesMax) => {
    const found = machineOf()
    const outputAt = inputAt + bytes.length + slackBytes
    const pages = Math.ceil((outputAt + bytesMax + slackBytes) / pageBytes)
    if (!found || pages > memoryPagesMax) return undefined
    const { memory, snappy, lz4 } = found
    const lacking = pages - memory.buffer.byteLength / pageBytes
    if (lacking > 0) memory.grow(lacking)
    const all = new Uint8Array(memory.buffer)
    all.set(bytes, inputAt)
    const endOf = (end: number): number => (end === 0 ? damagedBlock : end - outputAt)
    return {
      snappy: (start, end, outStart, outEnd) =>
        endOf(snappy(inputAt + start, inputAt + end, outputAt + outStart, outputAt + outEnd)),
      lz4: (start, end, out, outEnd) =>
        endOf(lz4(inputAt + start, inputAt + end, outputAt, outputAt + out, outputAt + outEnd)),
      store: (start, end, out) => void all.copyWithin(outputAt + out, inputAt + start, inputAt + end),
      result: (length) => {
        const output = place(length).subarray(0, length)
        output.set(all.subarray(outputAt, outputAt + length))
        return output
      },
    }
  }
}
