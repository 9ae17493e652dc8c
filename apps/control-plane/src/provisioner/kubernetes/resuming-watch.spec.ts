import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig, Watch } from '@kubernetes/client-node'
import { until } from '@lightflus/testing/services'
import { ResumingWatch } from './resuming-watch.ts'

interface Thing {
  readonly metadata: { readonly name?: string; readonly resourceVersion: string }
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void

const event = (type: string, version: string, name?: string) =>
  `${JSON.stringify({ type, object: { metadata: { ...(name ? { name } : {}), resourceVersion: version } } })}\n`
const gone = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, metadata: {} } })}\n`
const sends =
  (...lines: readonly string[]): Answer =>
  (response) =>
    response.end(lines.join(''))
const refuses =
  (status: number): Answer =>
  (response) => {
    response.statusCode = status
    response.end('{}')
  }
const breaksOff =
  (...lines: readonly string[]): Answer =>
  (response) => {
    response.write(lines.join(''))
    setImmediate(() => response.destroy())
  }
/** Stays open and says nothing. */
const waits: Answer = (response) => response.flushHeaders()

// Goal: each way in which an API server ends a watch, in any order, leads to the next watch from the right place.
describe('a watch that resumes', () => {
  let server: Server
  let answers: Answer[]
  let asked: string[]
  let watch: ResumingWatch<Thing> | undefined

  beforeEach(async () => {
    answers = []
    asked = []
    server = createServer((request, response) => {
      const url = new URL(request.url!, 'http://server')
      asked.push(url.searchParams.get('resourceVersion')!)
      ;(answers.shift() ?? waits)(response, request)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(async () => {
    await watch?.close()
    server.closeAllConnections()
    server.close()
  })

  function open(lists: readonly (string | Error)[], given: readonly Answer[]) {
    answers = [...given]
    const versions = [...lists]
    const seen: string[] = []
    const told = { gaps: 0, lists: 0 }
    const config = new KubeConfig()
    const { port } = server.address() as AddressInfo
    config.loadFromClusterAndUser(
      { name: 'scripted', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: 'nobody' },
    )
    watch = new ResumingWatch<Thing>({
      newWatch: () => new Watch(config),
      path: '/api/v1/things',
      labelSelector: 'a=b',
      listVersion: async () => {
        told.lists++
        const next = versions.shift() ?? 'no more'
        if (next instanceof Error) throw next
        return next
      },
      onObject: ({ metadata }) => seen.push(metadata.name!),
      onGap: () => told.gaps++,
    })
    return { seen, told }
  }
  const asks = (count: number) => until(() => asked.length >= count, { what: `watch ${count}` })

  it('goes on after an ordinary end, from the last change', async () => {
    const { seen, told } = open(['10'], [sends(event('ADDED', '11', 'a'), event('DELETED', '12', 'b'))])
    await asks(2)
    expect(asked).toEqual(['10', '12'])
    expect(seen).toEqual(['a', 'b'])
    expect(told).toEqual({ gaps: 1, lists: 1 })
  })

  it('moves on by bookmarks, which are no change', async () => {
    const { seen } = open(['10'], [sends(event('BOOKMARK', '40'))])
    await asks(2)
    expect(asked).toEqual(['10', '40'])
    expect(seen).toEqual([])
  })

  it('goes on after a connection that broke', async () => {
    const { seen, told } = open(['10'], [breaksOff(event('MODIFIED', '15', 'a'))])
    await asks(2)
    expect(asked).toEqual(['10', '15'])
    expect(seen).toEqual(['a'])
    expect(told.gaps).toBe(1)
  })

  it.each([
    ['in the stream', sends(event('ADDED', '11', 'a'), gone)],
    ['as a status', refuses(410)],
  ])('begins anew, and tells of the gap, when its place is forgotten: %s', async (_how, answer) => {
    const { told } = open(['10', '90'], [answer])
    await asks(2)
    expect(asked).toEqual(['10', '90'])
    expect(told).toEqual({ gaps: 2, lists: 2 })
  })

  it('keeps its place while the server is out of order, and tries ever more slowly', async () => {
    const { told } = open(['10'], [refuses(500), refuses(503), refuses(429), sends(event('ADDED', '11', 'a'))])
    await asks(5)
    expect(asked).toEqual(['10', '10', '10', '10', '11'])
    expect(told).toEqual({ gaps: 1, lists: 1 })
  })

  it('does not storm a server that ends every watch at once', async () => {
    const ends = Array.from({ length: 50 }, () => sends())
    open(['10'], ends)
    await asks(3)
    // By the third, two pauses have passed; had it not paused, all would have been used up by now.
    expect(answers.length).toBeGreaterThan(40)
  })

  it('waits for a list that fails', async () => {
    const { told } = open([new Error('away'), new Error('away'), '10'], [])
    await asks(1)
    expect(asked).toEqual(['10'])
    expect(told).toEqual({ gaps: 1, lists: 3 })
  })

  it('ends while it waits for a change, and begins nothing after that', async () => {
    open(['10'], [])
    await asks(1)
    await watch!.close()
    expect(asked).toHaveLength(1)
  })
})
