import { isLightflusError, LightflusError } from '@lightflus/api'
import { liveEventSchema, problemError, problemSchema, type LiveEvent } from '@lightflus/contracts'
import { createParser } from 'eventsource-parser'
import type { LiveLink } from './live-state.ts'

export interface LiveConnectionOptions {
  readonly job: string
  /** A fetch that carries and renews the session. */
  readonly fetch: typeof globalThis.fetch
  readonly token: () => Promise<string | undefined>
  readonly now: () => number
  /** A number in [0, 1). */
  readonly random: () => number
  /** Resolves after `delayMs`, or at once when the browser is back online; rejects when `signal` aborts. */
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>
  readonly onEvents: (events: readonly LiveEvent[]) => void
  readonly onLink: (link: LiveLink) => void
  readonly signal: AbortSignal
}

const delayFirstMs = 500
const delayMaxMs = 30_000
/** A line on which nothing came for this long, not even a comment, is taken for dead. */
const silenceMaxMs = 60_000

/** Exponential with jitter, so that the consoles of a restarted platform do not all come back at once. */
export function reconnectDelayMs(failures: number, random: number): number {
  const base = Math.min(delayMaxMs, delayFirstMs * 2 ** Math.min(failures - 1, 16))
  return Math.round(base * (0.5 + random / 2))
}

/** Keeps a line to a job's live events open until `signal` aborts or the platform refuses it for good. */
export async function runLiveConnection(options: LiveConnectionOptions): Promise<void> {
  let failures = 0
  while (!options.signal.aborted) {
    options.onLink({ phase: 'connecting' })
    try {
      await readOnce(options, () => {
        failures = 0
        options.onLink({ phase: 'open' })
      })
    } catch (error) {
      if (options.signal.aborted) return
      if (isLightflusError(error) && isFinal(error)) return options.onLink({ phase: 'refused', error })
    }
    if (options.signal.aborted) return
    failures += 1
    const delayMs = reconnectDelayMs(failures, options.random())
    options.onLink({ phase: 'waiting', failures, retryAt: options.now() + delayMs })
    await options.wait(delayMs, options.signal).catch(() => undefined)
  }
}

/** Reads one response to its end. */
async function readOnce(options: LiveConnectionOptions, onOpen: () => void): Promise<void> {
  const silence = new AbortController()
  const signal = AbortSignal.any([options.signal, silence.signal])
  const response = await options.fetch(`/api/v1/jobs/${encodeURIComponent(options.job)}/live`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${(await options.token()) ?? ''}` },
    signal,
  })
  if (!response.ok || !response.body) throw await refusal(response)
  onOpen()
  let pending: LiveEvent[] = []
  const parser = createParser({
    onEvent: ({ data }) => {
      const event = readEvent(data)
      if (event) pending.push(event)
    },
  })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let watchdog = setTimeout(() => silence.abort(), silenceMaxMs)
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => silence.abort(), silenceMaxMs)
      parser.feed(part.value)
      // All that came together is shown together: one paint however many events.
      if (pending.length > 0) options.onEvents(pending)
      pending = []
    }
  } finally {
    clearTimeout(watchdog)
  }
}

/** Events of kinds that a newer platform sends are passed over. */
function readEvent(data: string): LiveEvent | undefined {
  try {
    return liveEventSchema.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}

async function refusal(response: Response): Promise<LightflusError> {
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined))
  if (problem.success) return problemError(problem.data)
  return new LightflusError('LF_PLATFORM_ANSWER', `The live data was answered with ${response.status}.`, {
    details: { status: response.status },
  })
}

function isFinal(error: LightflusError): boolean {
  return [401, 403, 404].includes(Number(error.details.status))
}
