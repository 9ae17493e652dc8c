import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
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

/** The modules that a command loads, by file: those that a file of the bundle is made of count each for itself. */
async function modulesLoadedBy(args: string): Promise<readonly string[]> {
  const { stderr } = await run(process.execPath, ['--import', listModules, bin, ...args.split(' ')])
  return stderr
    .split('\n')
    .filter((url) => url.startsWith('file:'))
    .flatMap((url) => {
      const path = fileURLToPath(url)
      if (!path.includes('/dist/bundle/')) return [path]
      const { sources } = JSON.parse(readFileSync(`${path}.map`, 'utf8')) as { sources: readonly string[] }
      return sources.map((source) => resolve(dirname(path), source))
    })
}

const commands = ['--help', '--version', 'help run', 'completion bash']

it.each(commands)('loads neither compiler nor runtime nor schemas for %s', async (args) => {
  const loaded = await modulesLoadedBy(args)
  expect(loaded.length).toBeGreaterThan(10)
  expect(loaded.filter((path) => /\/(typescript|esbuild|quickjs|zod|yaml)|libs\/(?!api|lightflus)/.test(path))).toEqual(
    [],
  )
})

it('loads a few files, until a package is built anew: then its modules one by one', async () => {
  const build = resolve(bin, '..', '..', '..', 'api', 'dist', '.tsbuildinfo')
  const filesLoaded = async () => {
    const { stderr } = await run(process.execPath, ['--import', listModules, bin, '--help'])
    return stderr.split('\n').filter((url) => url.startsWith('file:')).length
  }
  const few = await filesLoaded()
  const before = readFileSync(build)
  try {
    writeFileSync(build, `${before.toString()}\n`)
    expect(await filesLoaded()).toBeGreaterThan(2 * few)
  } finally {
    writeFileSync(build, before)
  }
  // Younger than the bundle, and the same.
  expect(await filesLoaded()).toBe(few)
})

it.each(['/proc', '/dev/null'])('starts where nothing can be kept: HOME=%s', async (home) => {
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: '' }
  const { stdout } = await run(process.execPath, [bin, '--version'], { env })
  expect(stdout).toMatch(/^\d+\.\d+/)
})

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
