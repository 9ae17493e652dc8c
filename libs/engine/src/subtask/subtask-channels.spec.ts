import { count, job } from '@lightflus/api'
import type { Connector, SourceBatch, SourceReader } from '../connector.ts'
import { keyGroupOf, subtaskOfKeyGroup } from '../key-group.ts'
import { planJob } from '../plan/plan-job.ts'
import type { StreamElement } from '../record.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { createListConnector } from '../testing/list-connector.ts'
import { MemoryChannel } from '../testing/memory-channel.ts'
import { VirtualHost } from '../testing/virtual-host.ts'
import { createSubtask } from './subtask.ts'
import type { SubtaskOptions } from './subtask-options.ts'

const counting = job('counting', (flow) => {
  flow
    .source(listSource<string>({ idlenessMs: 1_000 }), { name: 'words' })
    .keyBy((word) => word)
    .aggregate({ n: count() }, { name: 'counts' })
    .sinkTo(listSink())
})
const plan = planJob(counting.build().graph, 2)

/** What crosses one channel, as text. */
class Recorder {
  readonly seen: string[] = []
  send(element: StreamElement): void {
    if (element.kind === 'batch') this.seen.push(element.batch.values.join(' '))
    else if (element.kind === 'watermark') this.seen.push(`~${element.timestamp}${element.idle ? ' idle' : ''}`)
    else this.seen.push(element.kind)
  }
}

function optionsOf(host: VirtualHost, connector: Connector, over: Partial<SubtaskOptions>): SubtaskOptions {
  return {
    plan,
    chain: 'words',
    index: 0,
    attempt: 1,
    operators: counting.build().operators,
    inputs: [],
    outputs: [],
    restore: undefined,
    host,
    connector: () => connector,
    connection: () => {
      throw new Error('no connection')
    },
    signal: new AbortController().signal,
    log: () => {},
    publishRows: () => {},
    onSnapshot: () => {},
    onFinished: () => {},
    ...over,
  }
}

/** Reads `a`, is at its end until virtual time 2,000, reads `b`, and has ended. */
function pausingReader(host: VirtualHost): SourceReader {
  const batch = (value: string, timestamp: number): SourceBatch => ({
    partition: 'p',
    payloads: [value],
    positions: [0],
    timestamps: [timestamp],
    bytes: 1,
  })
  let read = 0
  return {
    bounded: true,
    open: async () => {},
    poll() {
      if (read === 0 || (read === 1 && host.clock.now() >= 2_000)) return batch('ab'[read++], read * 10)
      return undefined
    },
    partitions: () => [{ name: 'p', caughtUp: read === 1, ended: read === 2 }],
    positions: () => ({ p: read }),
    close: async () => {},
  }
}

test('a source that proves idle says so, and says that it no longer is before its next records', async () => {
  const host = new VirtualHost()
  const channels = [new Recorder(), new Recorder()]
  const connector = { kind: 'list', createSource: () => pausingReader(host) }
  const subtask = createSubtask(optionsOf(host, connector, { outputs: [channels] }))
  expect(await host.runUntil(subtask.run())).toBe('finished')
  const receiverOf = (key: string) => subtaskOfKeyGroup(keyGroupOf(key), 2)
  const sent = (subtaskIndex: number) =>
    [
      receiverOf('a') === subtaskIndex ? 'a' : '',
      '~10',
      '~10 idle',
      '~10',
      receiverOf('b') === subtaskIndex ? 'b' : '',
      `~${Number.MAX_SAFE_INTEGER}`,
      'end',
    ].filter((text) => text !== '')
  expect(channels.map(({ seen }) => seen)).toEqual([sent(0), sent(1)])
})

test('records of keys that another subtask owns are refused', async () => {
  const host = new VirtualHost()
  const key = ['a', 'b', 'c', 'd', 'e', 'f'].find((each) => subtaskOfKeyGroup(keyGroupOf(each), 2) === 0)!
  const channel = new MemoryChannel()
  channel.send({ kind: 'batch', batch: { values: [key], timestamps: [0], keys: [key] } })
  const connector = createListConnector({ sources: {}, collected: [], cut: () => 1, onPoll: () => {} })
  const subtask = createSubtask(
    optionsOf(host, connector, { chain: 'counts', index: 1, inputs: [[channel, new MemoryChannel()]] }),
  )
  await expect(host.runUntil(subtask.run())).rejects.toMatchObject({
    code: 'LF_EXCHANGE_PROTOCOL',
    message: 'subtask counts/1 received records of keys that another subtask owns.',
  })
})

test.each<[string, Partial<SubtaskOptions>]>([
  ['a chain that the plan does not have', { chain: 'other' }],
  ['a subtask beyond the parallelism', { index: 2, outputs: [[new MemoryChannel(), new MemoryChannel()]] }],
  ['too few edges', { outputs: [] }],
  ['too few channels', { outputs: [[new MemoryChannel()]] }],
])('%s is refused', (_what, over) => {
  const connector = createListConnector({ sources: { words: {} }, collected: [], cut: () => 1, onPoll: () => {} })
  expect(() => createSubtask(optionsOf(new VirtualHost(), connector, over))).toThrow(
    expect.objectContaining({ code: 'LF_EXCHANGE_PROTOCOL' }),
  )
})

test('a connector is refused for what it cannot be', () => {
  const outputs = [[new MemoryChannel(), new MemoryChannel()]]
  expect(() => createSubtask(optionsOf(new VirtualHost(), { kind: 'table' }, { outputs }))).toThrow(
    expect.objectContaining({
      code: 'LF_PROGRAM_OPTION',
      message: 'Job counting, operator words: connector table cannot be a source.',
    }),
  )
})

test('an aborted subtask is cancelled wherever it waits, and closes what it had opened', async () => {
  const host = new VirtualHost()
  const abort = new AbortController()
  let closed = 0
  const reader: SourceReader = {
    bounded: false,
    open: async () => {},
    poll: () => void host.after(10, () => abort.abort()),
    partitions: () => [{ name: 'p', caughtUp: true, ended: false }],
    positions: () => ({}),
    close: async () => void closed++,
  }
  const outputs = [[new Recorder(), new Recorder()]]
  const options = { outputs, signal: abort.signal }
  const subtask = createSubtask(optionsOf(host, { kind: 'list', createSource: () => reader }, options))
  expect(await host.runUntil(subtask.run())).toBe('cancelled')
  expect(closed).toBe(1)
})
