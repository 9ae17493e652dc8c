import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ProgramFolder } from '../testing/programs.ts'

// Goal: a new project checks, runs and passes its own test at once, without the network.

let folder: ProgramFolder
beforeEach(async () => {
  folder = await ProgramFolder.make()
})
afterEach(() => folder.remove())

it('makes a project whose program is valid and runs to its end', async () => {
  const made = await folder.command(['init', 'my-shop', '-o', 'json'])
  expect(made.code).toBe(0)
  expect(JSON.parse(made.out).files).toEqual([
    'package.json',
    'tsconfig.json',
    '.gitignore',
    'README.md',
    'src/my-shop.ts',
    'test/my-shop.test.ts',
  ])
  const checked = await folder.command(['check', 'my-shop/src/my-shop.ts', '-o', 'json'])
  expect(JSON.parse(checked.out)).toMatchObject({ diagnostics: [], graph: { job: 'my-shop' } })
  const run = await folder.run(['my-shop/src/my-shop.ts'])
  expect(run.lines.at(-1)).toMatchObject({ state: 'FINISHED', recordsIn: 10_000 })
})

it('makes a project whose types hold, its test included', async () => {
  await folder.command(['init', 'my-shop'])
  const compiler = join(import.meta.dirname, '..', '..', '..', '..', 'node_modules', 'typescript', 'bin', 'tsc')
  await promisify(execFile)(process.execPath, [compiler, '-p', join(folder.path, 'my-shop')])
})

it('refuses a name that no job can have, and a folder that holds something', async () => {
  const name = await folder.command(['init', 'My_Shop'])
  expect(name).toMatchObject({ code: 2, err: expect.stringContaining("'My_Shop' cannot name a job.") })
  expect(existsSync(join(folder.path, 'My_Shop'))).toBe(false)
  await mkdir(join(folder.path, 'taken'))
  await writeFile(join(folder.path, 'taken', 'notes.txt'), 'mine')
  const taken = await folder.command(['init', 'taken'])
  expect(taken).toMatchObject({ code: 1, err: expect.stringContaining('LF_CLI_EXISTS') })
})
