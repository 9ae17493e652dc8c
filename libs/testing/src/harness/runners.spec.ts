import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '../services/temporary-folder.ts'
import { root } from '../style/source-tree.ts'

// Goal: the examples of the guide run as they stand there, each under the test runner that it is written for.

const run = promisify(execFile)
const modules = join(root, 'node_modules')
/** From sources, as everything in this repository is tested. */
const fromSources = ['-C', '@lf/source', '--disable-warning=ExperimentalWarning']

const runners: Readonly<Record<string, { readonly file: string; readonly args: readonly string[] }>> = {
  Vitest: {
    file: 'test/spend-per-minute.test.ts',
    args: [join(modules, 'vitest', 'vitest.mjs'), 'run', '--reporter=tap-flat'],
  },
  Jest: {
    file: 'test/silent-sensors.test.ts',
    args: ['--experimental-vm-modules', join(modules, 'jest', 'bin', 'jest.js'), '--verbose'],
  },
  Node: { file: 'test/largest-orders.test.ts', args: ['--test', '--test-reporter=tap'] },
}

const folder = temporaryFolder('guide')

beforeAll(async () => {
  const guide = await readFile(join(root, 'docs/guides/testing.md'), 'utf8')
  const files = [...guide.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, path, text]) => [path, text] as const,
  )
  await writeProject({
    ...Object.fromEntries(files),
    'package.json': '{ "name": "guide", "type": "module" }',
    'vitest.config.js': `export default {
      resolve: { conditions: ['@lf/source'] },
      ssr: { resolve: { conditions: ['@lf/source'], externalConditions: ['@lf/source'] } },
    }`,
    'jest.config.js': `import preset from ${JSON.stringify(join(root, 'jest.preset.js'))}
    export default preset(import.meta.dirname, { testMatch: ['<rootDir>/test/*.test.ts'] })`,
  })
  for (const name of ['lightflus', 'zod']) await symlink(join(modules, name), join(folder.path, 'node_modules', name))
  for (const name of ['@jest', '@swc']) await symlink(join(modules, name), join(folder.path, 'node_modules', name))
})

afterAll(() => folder.remove())

async function writeProject(files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(folder.path, 'node_modules'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true })
    await writeFile(join(folder.path, path), text)
  }
}

test.each(Object.entries(runners))(
  'under %s',
  async (_runner, { file, args }) => {
    const { stdout, stderr } = await run(process.execPath, [...fromSources, ...args, file], {
      cwd: folder.path,
      env: { ...process.env, NODE_OPTIONS: '', JEST_WORKER_ID: undefined, LIGHTFLUS_TESTS: 'unit' },
    })
    const guide = await readFile(join(folder.path, file), 'utf8')
    const names = [...guide.matchAll(/^test\('([^']+)'/gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(1)
    for (const name of names) expect(stdout + stderr).toContain(name)
  },
  60_000,
)
