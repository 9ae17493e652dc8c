import fc from 'fast-check'
import type { LiveEvent } from '@lightflus/contracts'
import { reconnectDelayMs, runLiveConnection } from './live-connection.ts'
import type { LiveLink } from './live-state.ts'

const metrics = (at: number): LiveEvent => ({ type: 'metrics', at, state: 'RUNNING', operators: [] })
const sent = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`

function stream(...parts: string[]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part))
      controller.close()
    },
  })
  return new Response(body, { status: 200 })
}

/** Runs a connection against the answers given, until they are used up. */
async function run(answers: (Response | Error)[]) {
  const end = new AbortController()
  const links: LiveLink['phase'][] = []
  const events: LiveEvent[] = []
  const waits: number[] = []
  await runLiveConnection({
    job: 'orders',
    fetch: (async () => {
      const answer = answers.shift()
      if (answer instanceof Response) return answer
      throw answer ?? new TypeError('Failed to fetch')
    }) as typeof globalThis.fetch,
    token: async () => 'token',
    now: () => 0,
    random: () => 1,
    wait: async (delayMs) => {
      waits.push(delayMs)
      if (answers.length === 0) end.abort()
    },
    onEvents: (more) => events.push(...more),
    onLink: (link) => links.push(link.phase),
    signal: end.signal,
  })
  return { links, events, waits }
}

describe('the live line', () => {
  test('delivers events that are cut anywhere, and passes over what it does not know', async () => {
    const text = `: hello\n\n${sent(metrics(1))}${sent({ type: 'from-the-future' })}data: {broken\n\n${sent(metrics(2))}`
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length), async (cut) => {
        const { events } = await run([stream(text.slice(0, cut), text.slice(cut))])
        expect(events).toEqual([metrics(1), metrics(2)])
      }),
    )
  })

  test('comes back after a loss, waiting longer each time until it is open again', async () => {
    const { links, waits, events } = await run([
      new TypeError('lost'),
      new TypeError('lost'),
      stream(sent(metrics(1))),
      new TypeError('lost'),
    ])
    expect(waits).toEqual([500, 1_000, 500, 1_000])
    expect(links.filter((phase) => phase === 'open')).toHaveLength(1)
    expect(events).toEqual([metrics(1)])
  })

  test('gives up where trying again cannot help, and says why', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is no job orders.',
      code: 'LF_PLATFORM_ANSWER',
      nextStep: 'See the list of jobs.',
      requestId: 'r1',
    }
    const { links, waits } = await run([Response.json(problem, { status: 404 })])
    expect(links).toEqual(['connecting', 'refused'])
    expect(waits).toEqual([])
  })

  test('waits between a quarter of a second and half a minute', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const delay = reconnectDelayMs(failures, random)
          expect(delay).toBeGreaterThanOrEqual(250)
          expect(delay).toBeLessThanOrEqual(30_000)
        },
      ),
    )
  })
})
