import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand as run } from './testing/world.ts'

const home = async () => ({ environment: { XDG_CONFIG_HOME: await mkdtemp(join(tmpdir(), 'lf-cli-')) } })

/** An HTTP server that answers as `answer` says: what a platform's proxy, or a platform gone wrong, might do. */
async function serving(
  answer: (request: IncomingMessage) => { status: number; body: unknown },
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const { status, body } = answer(request)
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('help explains and ends well; an unknown command is a usage error with a suggestion', async () => {
  const help = await run(['--help'])
  expect(help.code).toBe(0)
  expect(help.out).toContain('lightflus run program.ts')
  const wrong = await run(['delpoy', 'x'])
  expect(wrong).toMatchObject({ code: 2, out: '' })
  expect(wrong.err).toContain('Did you mean deploy?')
})

test('without a platform a command says how to get one', async () => {
  const { code, err } = await run(['get', 'jobs'], await home())
  expect(code).toBe(1)
  expect(err).toBe(
    'error No platform is chosen.\n  Sign in with `lightflus login URL`, or set LIGHTFLUS_URL and LIGHTFLUS_API_KEY. (LF_CLI_NO_CONTEXT)\n',
  )
})

test('where nothing answers, the exit code says that it is outside; as JSON the error is JSON', async () => {
  const { server, url } = await serving(() => ({ status: 200, body: {} }))
  await new Promise((resolve) => server.close(resolve))
  const world = { environment: { LIGHTFLUS_URL: url, LIGHTFLUS_API_KEY: 'k' } }
  const { code, err } = await run(['get', 'jobs', '-o', 'json'], world)
  expect(code).toBe(3)
  expect(JSON.parse(err)).toMatchObject({ code: 'LF_PLATFORM_UNREACHABLE', nextStep: expect.any(String) })
})

test('an answer that is no problem document does not confuse the command', async () => {
  const { server, url } = await serving(() => ({ status: 502, body: '<html>Bad gateway</html>' }))
  const { code, err } = await run(['whoami'], { environment: { LIGHTFLUS_URL: url, LIGHTFLUS_API_KEY: 'k' } })
  server.close()
  expect(code).toBe(3)
  expect(err).toContain('LF_PLATFORM_ANSWER')
})

test('an API key from standard input makes a context that only its owner can read', async () => {
  const principal = {
    kind: 'api-key',
    email: null,
    tenant: { id: crypto.randomUUID(), name: 'shop' },
    role: 'developer',
  }
  const keys: (string | undefined)[] = []
  const { server, url } = await serving(({ headers }) => {
    keys.push(headers.authorization)
    return { status: 200, body: principal }
  })
  const world = await home()
  const login = await run(['login', url, '--api-key-stdin', '--name', 'here'], {
    ...world,
    readInput: async () => 'lf_secret\n',
  })
  expect(login).toMatchObject({ code: 0, out: "Signed in: tenant shop by API key. Context 'here' is current.\n" })
  const file = join(world.environment.XDG_CONFIG_HOME, 'lightflus', 'contexts.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await run(['whoami', '-o', 'json'], world)).out).toBe(`${JSON.stringify({ url, ...principal })}\n`)
  expect(keys).toEqual(['Bearer lf_secret', 'Bearer lf_secret'])
  expect((await run(['context', 'list'], world)).out).toContain('here')
  expect((await run(['context', 'use', 'there'], world)).code).toBe(1)
  server.close()
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20))
  expect((await run(['whoami'], world)).err).toContain('LF_CLI_CONTEXTS')
})

test('without a terminal nothing is asked', async () => {
  expect(await run(['login', 'http://127.0.0.1:1'], await home())).toMatchObject({
    code: 2,
    err: expect.stringContaining('Give --email and --password-stdin, or --api-key-stdin.'),
  })
})

test('a job file says what is wrong with it, by field', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lf-cli-'))
  await writeFile(join(folder, 'job.yaml'), 'program: p.ts\ndeployment:\n  parallelism: 0\n')
  await writeFile(join(folder, 'p.ts'), 'export default 1')
  const world = { environment: { LIGHTFLUS_URL: 'http://127.0.0.1:1', LIGHTFLUS_API_KEY: 'k' }, workingFolder: folder }
  expect((await run(['apply', '-f', 'job.yaml'], world)).err).toContain('job.yaml: deployment.parallelism')
  expect((await run(['apply', '-f', 'p.ts'], world)).err).toContain(
    'p.ts: The default export is number, not a job made by job(). (LF_PROGRAM_NO_JOB)',
  )
  expect((await run(['apply', '-f', 'none.ts'], world)).err).toContain('none.ts cannot be read')
})
