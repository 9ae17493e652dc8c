import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'
import { LightflusError } from '@lightflus/api'
import type { StackFrame } from '../attempt/stack-probe.ts'

/** A place in the user's own file. Line and column count from one. */
export interface ProgramLocation {
  readonly file: string
  readonly line: number
  readonly column: number
}

const inlineMap = /^\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)\s*$/m
/** Where a bundle holds code that is not the user's: packages, and this project's API. */
const foreign = /(^|\/)node_modules\/|(^|\/)libs\/api\/|^lightflus[:/]|^[a-z-]+:/

interface MappedLine {
  readonly text: string
  /** Undefined: no call, or one outside the user's files. */
  readonly location: ProgramLocation | undefined
}

/** Of a stack that passes through the program only the program's calls are shown: ours tell its author nothing. */
function shownFrames(stack: readonly MappedLine[]): string {
  const inProgram = stack.some(({ location }) => location !== undefined)
  const shown = stack.filter(({ text, location }) => !inProgram || location !== undefined || !/^\s+at /.test(text))
  return shown.map(({ text }) => text).join('\n')
}

async function loadMap(bundleUrl: string): Promise<TraceMap | undefined> {
  const path = fileURLToPath(bundleUrl)
  try {
    const inline = inlineMap.exec(await readFile(path, 'utf8'))?.[1]
    const text = inline ? Buffer.from(inline, 'base64').toString() : await readFile(`${path}.map`, 'utf8')
    return new TraceMap(text)
  } catch {
    // Without a map the bundle's own lines are the best that can be said.
    return undefined
  }
}

/** Leads places in a bundle back to the user's files, by the source map that it carries or that stands beside it. */
export class ProgramLocations {
  readonly #bundleUrl: string
  #map: Promise<TraceMap | undefined> | undefined

  constructor(bundleUrl: string) {
    this.#bundleUrl = bundleUrl
  }

  /** The error with what it says of places in the bundle said of the user's files, and the innermost one named. */
  async mapped(error: LightflusError, frames: readonly StackFrame[] = []): Promise<LightflusError> {
    this.#map ??= loadMap(this.#bundleUrl)
    const map = await this.#map
    const cause = error.cause instanceof Error ? error.cause : undefined
    const stack = cause?.stack?.split('\n').map((line) => this.#mapLine(map, line))
    if (cause && stack) cause.stack = shownFrames(stack)
    const place =
      frames.map((frame) => this.#locate(map, frame)).find((each) => each !== undefined) ??
      stack?.find(({ location }) => location !== undefined)?.location
    if (!place) return error
    const at = `${place.file}:${place.line}`
    const message = error.message.includes(at) ? error.message : `${error.message.replace(/\.$/, '')} (${at}).`
    return new LightflusError(error.code, message, {
      details: { ...error.details, file: place.file, line: place.line, column: place.column },
      nextStep: error.nextStep,
      cause,
    })
  }

  /** The place in the user's files, or undefined where the frame is not in them. */
  #locate(map: TraceMap | undefined, { url, line, column }: StackFrame): ProgramLocation | undefined {
    if (url !== this.#bundleUrl) return undefined
    if (!map) return { file: basename(fileURLToPath(url)), line, column }
    const original = originalPositionFor(map, { line, column: column - 1 })
    if (original.source === null || foreign.test(original.source)) return undefined
    return { file: this.#shown(original.source), line: original.line, column: original.column + 1 }
  }

  /** A source relative to the bundle says more about our folders than about the user's: only what lies below counts. */
  #shown(source: string): string {
    const below = source.replace(/^(\.\.?\/)+/, '')
    return below.startsWith('/') ? basename(below) : below
  }

  #mapLine(map: TraceMap | undefined, text: string): MappedLine {
    const at = text.indexOf(this.#bundleUrl)
    const match = at < 0 ? null : /^:(\d+):(\d+)/.exec(text.slice(at + this.#bundleUrl.length))
    if (!match) return { text, location: undefined }
    const frame = { functionName: '', url: this.#bundleUrl, line: Number(match[1]), column: Number(match[2]) }
    const location = this.#locate(map, frame)
    if (!location) return { text, location }
    const end = at + this.#bundleUrl.length + match[0].length
    return {
      text: `${text.slice(0, at)}${location.file}:${location.line}:${location.column}${text.slice(end)}`,
      location,
    }
  }
}
