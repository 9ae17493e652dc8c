import { deserializeError } from '@lightflus/api'
import type { IngestLog, IngestSegment } from '@lightflus/connectors'
import type { IngestPosition } from '@lightflus/storage'
import type { IngestAnswer, IngestQuestion } from './ingest-messages.ts'

/** The slot's side: asks, and gives each answer to whoever waits for it. */
export class IngestQuestions implements IngestLog {
  readonly #post: (question: IngestQuestion) => void
  readonly #asked = new Map<number, PromiseWithResolvers<IngestAnswer['found']>>()
  #id = 0

  constructor(post: (question: IngestQuestion) => void) {
    this.#post = post
  }

  begin(endpoint: string, begin: IngestPosition | 'oldest' | 'unread'): Promise<IngestPosition> {
    return this.#ask(endpoint, { begin }) as Promise<IngestPosition>
  }

  read(endpoint: string, segment: number): Promise<IngestSegment | undefined> {
    return this.#ask(endpoint, segment) as Promise<IngestSegment | undefined>
  }

  answered({ id, found, error }: IngestAnswer): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (error) asked?.reject(deserializeError(error))
    else asked?.resolve(found)
  }

  #ask(endpoint: string, what: IngestQuestion['what']): Promise<IngestAnswer['found']> {
    const asked = Promise.withResolvers<IngestAnswer['found']>()
    this.#id += 1
    this.#asked.set(this.#id, asked)
    this.#post({ type: 'ingestQuestion', id: this.#id, endpoint, what })
    return asked.promise
  }
}
