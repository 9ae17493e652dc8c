import { type LiveEvent, liveEventSchema } from '@lightflus/contracts'
import { until } from '@lightflus/testing/services'

/** Reads a live stream as the console does. */
export class LiveViewer {
  readonly events: LiveEvent[] = []
  readonly status: number
  /** Why it was refused; undefined for a stream. */
  readonly problem: unknown
  ended = false
  readonly #leaving: AbortController

  private constructor(response: Response, problem: unknown, leaving: AbortController) {
    this.status = response.status
    this.problem = problem
    this.#leaving = leaving
  }

  static async open(url: string, job: string, token: string): Promise<LiveViewer> {
    const leaving = new AbortController()
    const response = await fetch(`${url}/api/v1/jobs/${job}/live`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leaving.signal,
    })
    const viewer = new LiveViewer(response, response.ok ? undefined : await response.json(), leaving)
    if (response.ok) void viewer.#read(response)
    return viewer
  }

  /** The first event of a kind that is as wanted, also one that came before. */
  async sees<T extends LiveEvent['type']>(
    type: T,
    wanted: (event: Extract<LiveEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<LiveEvent, { type: T }>> {
    const isIt = (event: LiveEvent): event is Extract<LiveEvent, { type: T }> =>
      event.type === type && wanted(event as Extract<LiveEvent, { type: T }>)
    return until(() => this.events.find(isIt), { what: `an event ${type}` })
  }

  leave(): void {
    this.#leaving.abort()
  }

  async #read(response: Response): Promise<void> {
    let text = ''
    try {
      for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += part
        const frames = text.split('\n\n')
        text = frames.pop() ?? ''
        for (const frame of frames) {
          const data = /^data: (.*)$/m.exec(frame)?.[1]
          if (data !== undefined) this.events.push(liveEventSchema.parse(JSON.parse(data)))
        }
      }
    } catch (error) {
      if (!this.#leaving.signal.aborted) throw error
    } finally {
      this.ended = true
    }
  }
}
