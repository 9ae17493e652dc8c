import { scannerModule } from './scanner-module.ts'

/** The part of the JavaScript interface of WebAssembly that is used here: no library of types has it without a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

const pageBytes = 65_536

/** What libs/engine/wasm/scan exports; its comments say what each function does. */
export interface ScannerExports {
  readonly rowsMax: { readonly value: number }
  readonly slack: { readonly value: number }
  readonly slotSize: { readonly value: number }
  readonly numbersAt: { readonly value: number }
  readonly startsAt: { readonly value: number }
  readonly endsAt: { readonly value: number }
  readonly kindsAt: { readonly value: number }
  readonly flagsAt: { readonly value: number }
  firstFree(): number
  lay(starts: number, ends: number, scanned: number, slots: number, slotsEnd: number): void
  want(
    shape: number,
    text: number,
    length: number,
    slot: number,
    accepts: number,
    flags: number,
    childFlags: number,
  ): number
  shapeOf(key: number): number
  scan(rows: number): void
}

/**
 * The scanner's module with a memory of its own, which never grows; undefined where there is no WebAssembly with SIMD, or
 * where it may not be compiled (a page's Content-Security-Policy, a bound on what a page's main thread compiles) or has no room.
 */
export function instantiateScanner(bytes: number): { exports: ScannerExports; buffer: ArrayBuffer } | undefined {
  try {
    const pages = Math.ceil(bytes / pageBytes)
    const module = new WebAssembly.Module(moduleBytes())
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const { exports } = new WebAssembly.Instance(module, { env: { memory } })
    return { exports: exports as ScannerExports, buffer: memory.buffer }
  } catch {
    return undefined
  }
}

function moduleBytes(): Uint8Array {
  const binary = atob(scannerModule)
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}
