import { LightflusError } from '@lightflus/api'
import { liveEventSchema, problemError, problemSchema, type LiveEvent } from '@lightflus/contracts'
import { createParser } from 'eventsource-parser'
import type { Platform } from './platform.ts'

/** Pause before a broken line is tried again, milliseconds; doubles up to the bound. */
const retryMs = 250
const retryMsMax = 10_000

export interface LiveOptions {
  readonly platform: Platform
  readonly job: string
  readonly signal: AbortSignal
  /** Told what is waited for when the line breaks. */
  readonly onLost: (text: string) => void
}

/**
 * A job's live events until `signal` aborts. A line that breaks is opened again; what the platform refuses is thrown.
 */
export async function* liveEvents({ platform, job, signal, onLost }: LiveOptions): AsyncGenerator<LiveEvent> {
  let pauseMs = retryMs
  while (!signal.aborted) {
    try {
      for await (const event of oneLine(platform, job, signal)) {
        pauseMs = retryMs
        yield event
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof TypeError)) throw error
    }
    if (signal.aborted) return
    if (pauseMs === retryMs) onLost(`The line to ${platform.url} broke; trying again until Ctrl-C.`)
    await pause(pauseMs, signal)
    pauseMs = Math.min(pauseMs * 2, retryMsMax)
  }
}

async function* oneLine(platform: Platform, job: string, signal: AbortSignal): AsyncGenerator<LiveEvent> {
  const response = await fetch(`${platform.url}/api/v1/jobs/${encodeURIComponent(job)}/live`, {
    headers: { authorization: `Bearer ${await platform.token()}`, accept: 'text/event-stream' },
    signal,
  })
  if (!response.ok) {
    const problem = problemSchema.safeParse(await response.json().catch(() => undefined))
    throw problem.success
      ? problemError(problem.data)
      : new LightflusError('LF_PLATFORM_ANSWER', `The answer was ${response.status}.`)
  }
  const ready: LiveEvent[] = []
  const parser = createParser({
    onEvent({ data }) {
      // An event of a kind that this command does not know comes from a newer platform: it has nothing to show of it.
      const event = liveEventSchema.safeParse(JSON.parse(data))
      if (event.success) ready.push(event.data)
    },
  })
  const decoder = new TextDecoder()
  for await (const chunk of response.body!) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* ready.splice(0)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
