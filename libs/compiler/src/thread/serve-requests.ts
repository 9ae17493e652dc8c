import { parentPort } from 'node:worker_threads'
import type { ThreadMessage } from './supervised-thread.ts'

/** The other end of a supervised thread: answers each request with what `handle` returns, or with what it throws. */
export function serveRequests<Request, Answer>(handle: (request: Request) => Answer | Promise<Answer>): void {
  const port = parentPort
  if (!port) throw new Error('This module runs in a thread only.')
  const post = (message: ThreadMessage<Answer>): void => port.postMessage(message)
  port.on('message', (request: Request) => {
    void (async () => handle(request))().then(
      (value) => post({ value }),
      (thrown: unknown) => post({ thrown }),
    )
  })
}
