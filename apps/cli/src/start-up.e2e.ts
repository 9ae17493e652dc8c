import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'

// Goal: the command starts from the published package under any Node, and loads nothing that it does not need.

const bin = resolve(import.meta.dirname, '..', '..', '..', 'libs', 'lightflus', 'bin', 'lightflus.js')
const run = promisify(execFile)

/** Says at the end which modules were loaded, on standard error. */
const listModules = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  const loaded = []
  registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
  process.on('exit', () => console.error(loaded.join('\\n')))
`)}`

it.each(['--help', '--version', 'help run', 'completion bash'])(
  'loads neither compiler nor runtime nor schemas for %s',
  async (args) => {
    const { stderr } = await run(process.execPath, ['--import', listModules, bin, ...args.split(' ')])
    const loaded = stderr.split('\n').filter((url) => url.startsWith('file:'))
    expect(loaded.length).toBeGreaterThan(10)
    expect(loaded.filter((url) => /\/(typescript|esbuild|quickjs|zod|yaml)|libs\/(?!api|lightflus)/.test(url))).toEqual(
      [],
    )
  },
)

/** A Node on this machine that is older than the one Lightflus needs. */
const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((path) => existsSync(path))
  .find((path) => Number(execFileSync(path, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })) < 26)

const withOldNode = oldNode ? it : it.skip

withOldNode('starts the pinned Node from an older one, and passes its exit code on', async () => {
  const { stdout } = await run(oldNode!, [bin, 'version', '-o', 'json'])
  expect(Number((JSON.parse(stdout) as { node: string }).node.split('.')[0])).toBeGreaterThanOrEqual(26)
  await expect(run(oldNode!, [bin, 'no-such-command'])).rejects.toMatchObject({ code: 2 })
})

withOldNode('says what to do where there is no newer Node', async () => {
  const pinned = resolve(import.meta.dirname, '..', '..', '..', 'node_modules', '.bin', 'node')
  const env = { ...process.env, LIGHTFLUS_PINNED_NODE: pinned }
  await expect(run(oldNode!, [bin, '--help'], { env })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Lightflus needs Node 26 or newer'),
  })
})
