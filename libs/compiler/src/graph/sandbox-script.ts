/** The name under which the sandbox imports the program's bundle; it stands in stack traces. */
export const programModule = 'program'

/** What the script below answers with, as JSON. */
export type SandboxAnswer =
  | { readonly kind: 'graph'; readonly graph: unknown; readonly console: readonly string[] }
  | { readonly kind: 'no-job'; readonly found: string; readonly console: readonly string[] }
  | { readonly kind: 'threw'; readonly error: ThrownInSandbox; readonly console: readonly string[] }

export interface ThrownInSandbox {
  readonly name: string
  readonly message: string
  readonly stack: string
  /** Set where the program's own copy of the library threw one of its errors. */
  readonly code?: string
  readonly nextStep?: string
}

const consoleLinesMax = 100
const consoleLineLengthMax = 1_000

/**
 * What runs in the sandbox: it makes the world a program is built in (fixed clock, fixed randomness, a console that is
 * only collected), imports the program, and answers with the graph as text.
 *
 * What it needs afterwards it takes before the program runs, since the program may change any prototype. That keeps
 * honest programs' answers right; a hostile one can still answer what it likes, so nothing here is trusted outside.
 *
 * Globals that a worker has and this engine has not are stand-ins: a program may construct and pass them around at its
 * top level (`const decoder = new TextDecoder()`), but not get a value out of them while the graph is built.
 */
export const sandboxScript = `(async () => {
  const { stringify } = JSON
  const { slice, split } = String.prototype
  const cut = (text, max) => slice.call(text, 0, max)
  const collected = []
  const show = (value) => {
    if (typeof value === 'string') return value
    try { return stringify(value) ?? String(value) } catch { return 'a value without text' }
  }
  const log = (...values) => {
    if (collected.length < ${consoleLinesMax}) {
      let line = ''
      for (let i = 0; i < values.length && line.length < ${consoleLineLengthMax}; i++) line += (i ? ' ' : '') + show(values[i])
      collected[collected.length] = cut(line, ${consoleLineLengthMax})
    }
  }
  const text = (value, max) => {
    try { return typeof value === 'string' ? cut(value, max) : '' } catch { return '' }
  }
  const describe = (thrown) => {
    try {
      if (typeof thrown !== 'object' || thrown === null) return { name: 'Error', message: 'threw ' + cut(String(thrown), 2000), stack: '' }
      const error = { name: text(thrown.name, 100) || 'Error', message: text(thrown.message, 2000), stack: text(thrown.stack, 20000) }
      if (thrown[Symbol.for('lightflus.error')] === true) {
        error.code = text(thrown.code, 100)
        error.nextStep = text(thrown.nextStep, 2000)
      }
      return error
    } catch {
      return { name: 'Error', message: 'threw something that cannot be read', stack: '' }
    }
  }

  const RealDate = Date
  const fixedNow = RealDate.UTC(2000, 0, 1)
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(fixedNow).toString(),
    construct: (target, values, newTarget) => Reflect.construct(target, values.length === 0 ? [fixedNow] : values, newTarget),
  })
  RealDate.prototype.constructor = globalThis.Date
  RealDate.now = () => fixedNow
  let seed = 1
  Math.random = () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  globalThis.console = { log, debug: log, info: log, warn: log, error: log }
  const standIn = (name) => new Proxy(function () {}, {
    get: (_, property) => {
      if (property === Symbol.toPrimitive || property === 'then') return property === 'then' ? undefined : () => unavailable(name)
      return standIn(name + '.' + String(property))
    },
    apply: () => unavailable(name),
    construct: () => standIn(name),
  })
  const unavailable = (name) => {
    throw new Error(name + ' is not available while the graph is built, only in the functions that run on records.')
  }
  for (const name of ['Intl', 'Temporal', 'TextEncoder', 'TextDecoder', 'URL', 'URLSearchParams', 'structuredClone', 'atob', 'btoa', 'crypto', 'performance', 'AbortController', 'AbortSignal'])
    if (globalThis[name] === undefined) globalThis[name] = standIn(name)

  let answer
  try {
    const definition = (await import('${programModule}')).default
    if (typeof definition !== 'object' || definition === null || definition[Symbol.for('lightflus.job')] !== true)
      answer = { kind: 'no-job', found: definition === undefined ? 'nothing' : definition === null ? 'null' : typeof definition }
    else answer = { kind: 'graph', graph: definition.build().graph }
  } catch (thrown) {
    answer = { kind: 'threw', error: describe(thrown) }
  }
  answer.console = collected
  try {
    return stringify(answer)
  } catch (thrown) {
    return stringify({ kind: 'threw', error: describe(thrown), console: [] })
  }
})()`
