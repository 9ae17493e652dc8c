import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json, SinkFunctions } from '@lightflus/api'
import type { FormerOutput, SinkCheckpoints } from '@lightflus/engine'
import { describeSinkContract, failingOn, type TestRecord } from '../testing/sink-contract.ts'
import { sinkContext } from '../testing/test-context.ts'
import { httpConnector } from './http-connector.ts'
import { HttpSink } from './http-sink.ts'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}
type Answer = number | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
interface Sent {
  readonly key: string
  readonly value: unknown
}

let server: Server
/** What was answered well. */
let taken: Seen[]
let all: Seen[]
/** How the next requests are answered: 200 where nothing is said; 0: the connection is cut. */
let answer: (seen: Seen) => Answer | undefined

const connectionOf = (options: Readonly<Record<string, Json>> = {}) => ({
  name: 'hooks',
  kind: 'http',
  options: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`, ...options },
})

interface Given {
  readonly options?: Readonly<Record<string, Json>>
  readonly connection?: Readonly<Record<string, Json>>
  readonly functions?: SinkFunctions
  readonly onError?: 'fail' | 'skip'
  readonly checkpoints?: SinkCheckpoints
  readonly signal?: AbortSignal
}

function sinkOf({ options, connection, functions, ...given }: Given = {}) {
  const context = sinkContext({
    options: { path: '', method: 'POST', body: 'batch', batchRecords: 100, timeoutMs: 5_000, ...options },
    connection: connectionOf(connection),
    ...(functions && { functions }),
    ...given,
  })
  return { writer: new HttpSink(context), context }
}

async function writeAll(values: readonly unknown[], given: Given = {}) {
  const { writer, context } = sinkOf(given)
  await writer.open()
  try {
    await writer.write(values)
    await writer.flush()
  } finally {
    await writer.close()
  }
  return context.heard
}

const recordsIn = (seen: readonly Seen[]): Sent[] => seen.flatMap(({ body }) => body as Sent[])
const valuesIn = (seen: readonly Seen[]) => recordsIn(seen).map(({ value }) => value)
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as unknown

describe('http sink', () => {
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const { method, url, headers } = request
        const seen = { method, url, headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
        all.push(seen)
        const given = answer(seen) ?? 200
        const { status, body = '', headers: more = {} } = typeof given === 'number' ? { status: given } : given
        if (status === 0) return void request.socket.destroy()
        if (status < 300) taken.push(seen)
        response.writeHead(status, more).end(body)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  beforeEach(() => {
    taken = []
    all = []
    answer = () => undefined
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  it('sends arrays of records with their keys, and the headers of the connection', async () => {
    const { writer } = sinkOf({
      ...{ options: { path: '/orders?a=1', batchRecords: 2 }, connection: { headers: { Authorization: 'Bearer x' } } },
      functions: { value: (n: number) => ({ n, big: BigInt(n) }) },
    })
    await writer.write([1, 2, 3])
    await writer.flush()
    await writer.close()
    expect(valuesIn(taken)).toEqual([1, 2, 3].map((n) => ({ n, big: String(n) })))
    expect(taken).toHaveLength(2)
    expect(taken[0]).toMatchObject({ method: 'POST', url: '/base/orders?a=1' })
    expect(taken[0]!.headers).toMatchObject({ authorization: 'Bearer x', 'content-type': 'application/json' })
    expect(new Set(taken.map(({ headers }) => headers['idempotency-key'])).size).toBe(2)
  })

  it('sends each record by itself, with its key as a header', async () => {
    const functions = { idempotencyKey: ({ id }: { id: string }) => id }
    await writeAll([{ id: 'a' }, { id: 'ä' }], { functions, options: { body: 'record', method: 'PUT' } })
    expect(taken.map(({ method, headers, body }) => [method, headers['idempotency-key'], body])).toEqual([
      ['PUT', 'a', { id: 'a' }],
      ['PUT', '%C3%A4', { id: 'ä' }],
    ])
  })

  it.each([429, 500, 503, 408, 0])('sends again what was answered by %i, with the same keys', async (status) => {
    let failures = 2
    answer = () => (failures-- > 0 ? { status, headers: { 'retry-after': '0' } } : undefined)
    await writeAll([1, 2])
    expect(all).toHaveLength(3)
    expect(new Set(all.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(valuesIn(taken)).toEqual([1, 2])
  })

  it('rejects those records alone that are refused', async () => {
    answer = ({ body }) =>
      (body as Sent[]).some(({ value }) => (value as number) % 10 === 3)
        ? { status: 422, body: 'no threes,\n please' }
        : undefined
    const values = Array.from({ length: 50 }, (_, n) => n)
    const { rejected } = await writeAll(values, { onError: 'skip' })
    expect(valuesIn(taken)).toEqual(values.filter((n) => n % 10 !== 3))
    expect(rejected).toEqual(new Array(5).fill(failing('LF_HTTP_REFUSED', 'answered 422: no threes, please')))
    await expect(writeAll(values)).rejects.toEqual(failing('LF_HTTP_REFUSED', '422'))
  })

  it.each([
    [401, 'LF_CONNECTION_AUTH', '401'],
    [403, 'LF_CONNECTION_AUTH', '403'],
    [404, 'LF_CONNECTION_TARGET', '/base'],
    [302, 'LF_CONNECTION_TARGET', 'http://169.254.169.254/'],
  ])('ends the job by %i, also where records may be skipped, and goes nowhere else', async (status, code, message) => {
    answer = () => ({ status, headers: { location: 'http://169.254.169.254/' } })
    await expect(writeAll([1, 2], { onError: 'skip' })).rejects.toEqual(failing(code, message))
    expect(all).toHaveLength(1)
  })

  it('rejects what JSON cannot hold and keys that are none', async () => {
    const functions = {
      value: (n: number) => (n === 1 ? undefined : n),
      idempotencyKey: (n: number) => (n === 2 ? '' : `k${n}`),
    }
    const { rejected } = await writeAll([0, 1, 2, 3], { functions, onError: 'skip' })
    expect(recordsIn(taken)).toEqual([
      { key: 'k0', value: 0 },
      { key: 'k3', value: 3 },
    ])
    expect(rejected).toEqual([failing('LF_SINK_VALUE', 'value()'), failing('LF_SINK_VALUE', 'idempotencyKey()')])
  })

  it('waits no longer than it is told for an answer, nor after its attempt has ended', async () => {
    const ending = new AbortController()
    answer = () => {
      ending.abort()
      return 503
    }
    await expect(writeAll([1], { signal: ending.signal })).rejects.toBeDefined()
    expect(all).toHaveLength(1)
  })

  describe('makes keys', () => {
    const checkpointsOf = (attempt: number) => ({
      ...{ lineage: 'l', attempt, isDurable: true },
      ...{ intervalMs: 1_000, timeoutMs: 1_000 },
    })
    /** One after the other; a checkpoint where a number stands by itself. */
    async function keysOf(attempt: number, former: FormerOutput['prepared'], steps: readonly (string[] | number)[]) {
      taken = []
      const { writer } = sinkOf({ checkpoints: checkpointsOf(attempt) })
      await writer.open()
      await writer.commits!.resume({ prepared: former, isCommitted: true, subtasks: [0] })
      for (const step of steps) {
        if (typeof step === 'number') await writer.commits!.prepare(step)
        else await writer.write(step)
      }
      await writer.commits!.prepare(1_000)
      await writer.close()
      return recordsIn(taken).map(({ key, value }) => `${String(value)} ${key}`)
    }
    const at = (checkpoint: number) => [{ subtask: 0, attempt: 1, checkpoint, output: {} }]

    it('that differ, and are the same for what is written again after a restart, in whatever order', async () => {
      const first = await keysOf(1, [], [['a', 'b', 'b'], 7, ['a', 'b', 'a']])
      expect(new Set(first).size).toBe(6)
      const again = await keysOf(2, at(7), [
        ['b', 'a'],
        ['a', 'c'],
      ])
      expect(first.slice(3)).toEqual(expect.arrayContaining(again.filter((text) => !text.startsWith('c'))))
      expect(first).not.toContain(again.at(-1))
    })

    it('of its own where it does not know what was written before', async () => {
      const first = await keysOf(1, [], [['a']])
      expect(await keysOf(2, [], [['a']])).not.toEqual(first)
    })
  })

  it('refuses connections that make no sense, without a word of their headers', async () => {
    const given: readonly Readonly<Record<string, Json>>[] = [
      { url: 'nowhere' },
      { url: 'ftp://a.example' },
      { url: 'https://user:secret@a.example' },
      { headers: { 'a b': 'secret' } },
      { headers: { 'Content-Length': 'secret' } },
      { headers: { A: 'secret\r\nB: c' } },
    ]
    for (const options of given) {
      const error = await writeAll([1], { connection: options }).catch((thrown: unknown) => thrown)
      expect(error).toEqual(failing('LF_CONNECTION_OPTION', 'Connection hooks'))
      expect(String(error)).not.toContain('secret')
    }
  })

  it('tells what answers, and what does not', async () => {
    const tested = (options: Readonly<Record<string, Json>> = {}) =>
      httpConnector.testConnection!(connectionOf(options), AbortSignal.timeout(10_000))
    answer = () => 404
    expect((await tested()).summary).toMatch(/^HTTP, 127\.0\.0\.1:\d+ answers \(404\)$/)
    answer = () => 401
    await expect(tested()).rejects.toEqual(failing('LF_CONNECTION_AUTH'))
    await expect(tested({ url: 'http://127.0.0.1:1/' })).rejects.toEqual(failing('LF_CONNECTION_REFUSED'))
    await expect(tested({ url: 'http://no-such-host.invalid/' })).rejects.toEqual(failing('LF_CONNECTION_DNS'))
  })

  describeSinkContract('http', () => ({
    create: ({ onError, failOn }) =>
      sinkOf({ onError, functions: { value: failingOn(failOn, ({ id }: TestRecord) => ({ id })) } }),
    readIds: () => Promise.resolve(valuesIn(taken).map((value) => (value as { id: number }).id)),
    unansweredMax: 3_000,
  }))
})
