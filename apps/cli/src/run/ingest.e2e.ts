import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { jest } from '@jest/globals'
import { freePort, until } from '@lightflus/testing/services'
import { ProgramFolder } from '../testing/programs.ts'

// Goal: what a client was told is taken is processed exactly once, though the process is killed again and again.

jest.setTimeout(180_000)

const program = `import { files, ingest, job } from 'lightflus'
import { z } from 'zod'
export default job('numbers', (flow) => {
  flow
    .source(ingest.source({ endpoint: 'numbers', value: z.object({ n: z.number() }) }))
    .sinkTo(files.sink({ path: 'n.jsonl' }))
})
`
const main = join(import.meta.dirname, '../../dist/main.js')

describe('run of a job that takes records over HTTP', () => {
  let folder: ProgramFolder
  let port: number
  beforeEach(async () => {
    folder = await ProgramFolder.make()
    await folder.write({ 'numbers.ts': program })
    port = await freePort()
  })
  afterEach(() => folder.remove())

  const start = (...more: string[]) => {
    const args = ['run', 'numbers.ts', '--no-check', '-o', 'json', '--ingest-port', String(port), ...more]
    const child = spawn(process.execPath, [main, ...args], { cwd: folder.path, stdio: ['ignore', 'pipe', 'inherit'] })
    const said: { type: string; url?: string }[] = []
    createInterface(child.stdout).on('line', (line) => void said.push(JSON.parse(line)))
    return { child, said, ended: once(child, 'exit') as Promise<[number | null, string | null]> }
  }
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${port}/numbers`, { method: 'POST', body, headers })
  const lines = { 'content-type': 'application/x-ndjson' }
  const rows = () =>
    globSync('n-*.jsonl', { cwd: folder.path }).flatMap((name) =>
      readFileSync(join(folder.path, name), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { n: number }),
    )

  it('loses nothing that it has taken, and writes nothing twice', async () => {
    const requestsTotal = 150
    let sent = 0
    // A client that tries each request, with its key, until it is taken.
    const client = async (first: number): Promise<void> => {
      for (let request = first; request < requestsTotal; request += 3) {
        const body = `{"n":${2 * request}}\n{"n":${2 * request + 1}}`
        await until(
          async () => (await post(body, { ...lines, 'idempotency-key': `r${request}` })).status === 202 || undefined,
          { what: `request ${request} to be taken`, deadlineMs: 60_000 },
        )
        sent += 1
      }
    }
    const args = ['--state', 'state', '--checkpoint-interval', '50ms']
    let run = start(...args)
    const clients = Promise.all([0, 1, 2].map(client))
    for (const share of [0.2, 0.4, 0.6]) {
      await until(() => sent >= share * requestsTotal || undefined, { what: 'more requests', deadlineMs: 60_000 })
      run.child.kill('SIGKILL')
      await run.ended
      run = start(...args, '--parallelism', share === 0.4 ? '2' : '1')
    }
    await clients
    const expected = Array.from({ length: 2 * requestsTotal }, (_, n) => ({ n }))
    await until(() => rows().length >= expected.length || undefined, { what: 'all rows', deadlineMs: 60_000 })
    run.child.kill('SIGINT')
    expect(await run.ended).toEqual([0, null])
    expect(rows().sort((one, other) => one.n - other.n)).toEqual(expected)
  })

  it('says where it takes records, and why it takes some not', async () => {
    const { child, said, ended } = start()
    const { url } = await until(() => said.find(({ type }) => type === 'receiving'), { what: 'an address' })
    expect(url).toBe(`http://127.0.0.1:${port}/numbers`)
    const refused = await post('{"n":1}\n{"n":"2"}', lines)
    expect([refused.status, refused.headers.get('content-type')]).toEqual([422, 'application/problem+json'])
    expect(await refused.json()).toMatchObject({
      code: 'LF_INGEST_RECORDS',
      detail: expect.stringContaining('line 2: n: must be a number'),
    })
    const large = await post(`{"n":1}${' '.repeat(1_100_000)}`, lines)
    const statuses = [large.status]
    for (const [path, init] of [
      ['numbers', { method: 'GET' }],
      ['numbers', { method: 'POST', body: Buffer.from('{"n":1}') }],
      ['other', { method: 'POST', body: '{"n":1}', headers: lines }],
    ] as const)
      statuses.push((await fetch(`http://127.0.0.1:${port}/${path}`, init)).status)
    expect(statuses).toEqual([413, 400, 415, 404])
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
  })
})
