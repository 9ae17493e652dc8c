import type { ResolvedOptions } from '../deployment-options.ts'
import { decodeSignal, encodeMessage, encodeSignal, topicNames } from './control-messages.ts'
import { CoordinatorSession } from './coordinator-session.ts'
import { SessionLink } from './session-link.ts'
import type { WorkerTopic } from './worker-topics.ts'

// Goal: an attempt loses nothing of what its workers say, in whatever order signals come between it.

it('takes whoever speaks in the session for one that has joined', async () => {
  const heard: string[] = []
  const failures: unknown[] = []
  const written: Buffer[] = []
  let arrive: (record: Buffer) => void = () => undefined
  const topic = (isControl: boolean): WorkerTopic => ({
    end: async () => 0,
    append: (_, record) => void (isControl && written.push(Buffer.from(record))),
    flush: async () => undefined,
    follow: (_partition, _from, onRecord) => {
      if (isControl) arrive = onRecord
      return { close: () => undefined }
    },
    close: () => undefined,
  })
  const { control } = topicNames('t', 2)
  const session = new CoordinatorSession({
    options: { jobName: 'j', parallelism: 4, limits: { workerSilenceMsMax: 60_000 } } as ResolvedOptions,
    placement: { worker: 0, workers: 2, topicPrefix: 't', exchange: { name: 'e', kind: 'kafka', options: {} } },
    coordinator: { process: 1, after: 0 },
    loadTopics: async () => ({ create: async () => undefined, open: async (name) => topic(name === control) }),
    onMessage: (slot, { type }) => heard.push(`${type} ${slot}`),
    onSlotFailure: (_, error) => failures.push(error),
    onFailure: (error) => failures.push(error),
  })
  await session.open()
  const beat = decodeSignal(written[0]) as { readonly session: string }
  const worker = (process: number) =>
    new SessionLink({
      session: Buffer.from(beat.session, 'hex'),
      own: { worker: 1, process },
      log: { append: (_, record) => arrive(Buffer.from(record)) },
      memberOf: () => undefined,
      onMessage: () => undefined,
    })
  const [joined, another] = [worker(7), worker(8)]
  const built = (slot: number) => encodeMessage({ type: 'fromSlot', slot, message: { type: 'built', graphHash: 'h' } })
  joined.send(0, new Uint8Array(0), built(2))
  expect(session.missing).toEqual([])
  arrive(Buffer.from(encodeSignal({ type: 'alive', session: beat.session, worker: 1, process: 7 })))
  another.send(0, new Uint8Array(0), built(2))
  joined.send(0, new Uint8Array(0), built(3))
  session.close()
  expect({ heard, failures }).toEqual({ heard: ['built 2', 'built 3'], failures: [] })
})
