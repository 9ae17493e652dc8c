import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { recordsOf, Workbench } from './testing/workbench.ts'

// Goal: functions of mapAsync can ask services over HTTP from within a slot, and end when the job does.

describe('a program that calls a service', () => {
  let bench: Workbench
  let server: Server
  let answer: (path: string) => string | undefined
  beforeEach(async () => {
    bench = await Workbench.open()
    server = createServer((request, response) => {
      const text = answer(request.url!)
      // Undefined: an answer that never comes.
      if (text !== undefined) response.end(text)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await bench.close()
  })

  const calling = () => `import { generator, job, table } from 'lightflus'
export default job('test', (flow) => {
  flow.source(generator.source({ generate: (index: number) => index, count: 200 }), { name: 'numbers' })
    .mapAsync(async (n, { signal }) => {
      const response = await fetch('http://127.0.0.1:${(server.address() as AddressInfo).port}/' + n, { signal })
      return { n, text: await response.text() }
    }, { name: 'ask', concurrency: 20 })
    .sinkTo(table.sink(), { name: 'table' })
})`

  it('gets its answers', async () => {
    answer = (path) => `answer to ${path}`
    const started = bench.start({
      bundlePath: await bench.bundle(calling(), 'calls.ts'),
      slotNodeOptions: ['--permission', '--allow-fs-read=*', '--allow-net'],
    })
    const { state, error } = await started.handle.done
    expect({ state, error }).toEqual({ state: 'FINISHED', error: undefined })
    expect(recordsOf(started, 'table').in).toBe(200)
  })

  it('can be cancelled while an answer never comes', async () => {
    const asked = Promise.withResolvers<void>()
    answer = () => {
      asked.resolve()
      return undefined
    }
    const { handle } = bench.start({ bundlePath: await bench.bundle(calling(), 'calls.ts') })
    await asked.promise
    await handle.cancel()
    expect(await handle.done).toMatchObject({ state: 'CANCELLED' })
  })
})
