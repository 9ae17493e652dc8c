import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeProcessFolder } from './process-folder.ts'

// Goal: what killed processes leave goes with the next start, and nothing else does.

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lightflus-process-folder-'))
})
afterEach(() => rm(parent, { recursive: true }))

const { pid: dead } = spawnSync(process.execPath, ['--version'])
const suffix = '0123456789abcdef'

it('has a name of its own, is for this user alone, and goes with all that is in it', async () => {
  const deep = join(parent, 'made', 'too')
  const [one, other] = [await makeProcessFolder(deep), await makeProcessFolder(deep)]
  expect(one.path).not.toBe(other.path)
  expect((await stat(one.path)).mode & 0o777).toBe(0o700)
  await writeFile(join(one.path, 'file'), '')
  await one.remove()
  await one.remove()
  expect(await readdir(deep)).toEqual([other.path.slice(deep.length + 1)])
})

it.each([undefined, 'run'])('takes away those of dead processes, with prefix %p', async (prefix) => {
  const start = prefix === undefined ? '' : `${prefix}-`
  // Of one before this with the same number, as in a container that starts again; and of one that was killed.
  const leftOver = [`${start}${process.pid}-${suffix}`, `${start}${dead}-${suffix}`]
  const others = [
    `${start}${process.ppid}-${suffix}`,
    `${start}${dead}-${suffix}0`,
    `x${start}${dead}-${suffix}`,
    prefix === undefined ? `run-${dead}-${suffix}` : `${dead}-${suffix}`,
  ]
  for (const name of [...leftOver, ...others]) await mkdir(join(parent, name, 'in', 'it'), { recursive: true })
  await writeFile(join(parent, `${start}${dead}-fedcba9876543210`), 'a file')
  const before = await makeProcessFolder(parent, prefix)
  const next = await makeProcessFolder(parent, prefix)
  const ours = [before, next].map(({ path }) => path.slice(parent.length + 1))
  expect((await readdir(parent)).sort()).toEqual([...others, ...ours, `${start}${dead}-fedcba9876543210`].sort())
})
