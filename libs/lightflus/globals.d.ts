/**
 * The globals that a program may use beside the language itself. They are what every place has that runs programs; a
 * program of one's own project gets them by `"types": ["lightflus/globals"]` in tsconfig.json.
 */

/** Lines go to the job's log. */
interface Console {
  debug(...values: unknown[]): void
  error(...values: unknown[]): void
  info(...values: unknown[]): void
  log(...values: unknown[]): void
  warn(...values: unknown[]): void
}
declare var console: Console

interface TextEncoder {
  readonly encoding: string
  encode(text?: string): Uint8Array<ArrayBuffer>
}
declare var TextEncoder: { prototype: TextEncoder; new (): TextEncoder }

interface TextDecoderOptions {
  fatal?: boolean
  ignoreBOM?: boolean
}
interface TextDecoder {
  readonly encoding: string
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string
}
declare var TextDecoder: { prototype: TextDecoder; new (encoding?: string, options?: TextDecoderOptions): TextDecoder }

interface URLSearchParams extends Iterable<[string, string]> {
  append(name: string, value: string): void
  delete(name: string): void
  get(name: string): string | null
  getAll(name: string): string[]
  has(name: string): boolean
  set(name: string, value: string): void
  sort(): void
  toString(): string
}
declare var URLSearchParams: {
  prototype: URLSearchParams
  new (init?: string | Record<string, string> | Iterable<[string, string]>): URLSearchParams
}

interface URL {
  hash: string
  host: string
  hostname: string
  href: string
  readonly origin: string
  password: string
  pathname: string
  port: string
  protocol: string
  search: string
  readonly searchParams: URLSearchParams
  username: string
  toString(): string
  toJSON(): string
}
declare var URL: {
  prototype: URL
  new (url: string | URL, base?: string | URL): URL
  canParse(url: string | URL, base?: string | URL): boolean
  parse(url: string | URL, base?: string | URL): URL | null
}

/** Tells what is under way that nobody waits for it any more. */
interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
declare var AbortSignal: {
  prototype: AbortSignal
  abort(reason?: unknown): AbortSignal
  any(signals: Iterable<AbortSignal>): AbortSignal
  timeout(ms: number): AbortSignal
}
interface AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
declare var AbortController: { prototype: AbortController; new (): AbortController }

/** The answer to a request; for functions of `mapAsync`, which alone may wait for it. */
interface Response {
  /** Whether the status is one of 200 to 299. */
  readonly ok: boolean
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly headers: { get(name: string): string | null; has(name: string): boolean }
  arrayBuffer(): Promise<ArrayBuffer>
  json(): Promise<unknown>
  text(): Promise<string>
}
interface RequestInit {
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array | URLSearchParams
  redirect?: 'follow' | 'error' | 'manual'
  signal?: AbortSignal
}
declare function fetch(url: string | URL, init?: RequestInit): Promise<Response>

interface Crypto {
  getRandomValues<T extends ArrayBufferView>(array: T): T
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`
}
declare var crypto: Crypto

interface Performance {
  /** Milliseconds since the thread began; never goes back. */
  now(): number
}
declare var performance: Performance

declare function structuredClone<T>(value: T): T
/** Text of bytes (one character a byte) as Base64, and back. */
declare function btoa(bytes: string): string
declare function atob(base64: string): string

/** The bytes of a WebAssembly module, for `wasm`. */
declare module '*.wasm' {
  const bytes: Uint8Array
  export default bytes
}
