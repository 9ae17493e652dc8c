import { mkdtemp, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { changeContexts, readContexts, renewContext, saveContext, type CliContext } from './contexts.ts'

// Goal: however many commands run at once, a refresh token is used once and no change of another is lost.

const context: CliContext = { url: 'http://127.0.0.1:1', accessToken: 'a0', refreshToken: 'r0' }

async function world() {
  const folder = await mkdtemp(join(tmpdir(), 'lightflus-contexts-'))
  return { environment: { XDG_CONFIG_HOME: folder } }
}

it('renews once, and gives every command the new tokens', async () => {
  const io = await world()
  await saveContext(io, 'other', { url: 'http://127.0.0.1:2' })
  await saveContext(io, 'here', context)
  await changeContexts(io, (known) => ({ ...known, current: 'other' }))
  let renewals = 0
  const renew = async (): Promise<CliContext> => {
    renewals += 1
    return { ...context, accessToken: `a${renewals}`, refreshToken: `r${renewals}` }
  }
  const renewed = await Promise.all(Array.from({ length: 5 }, () => renewContext(io, 'here', context, renew)))
  expect(renewals).toBe(1)
  expect(new Set(renewed.map(({ accessToken }) => accessToken))).toEqual(new Set(['a1']))
  expect(await readContexts(io)).toMatchObject({ current: 'other', contexts: { here: { refreshToken: 'r1' } } })
})

it('loses no change of commands that run at once, and lets only the owner read', async () => {
  const io = await world()
  const names = Array.from({ length: 8 }, (_, index) => `context-${index}`)
  await Promise.all(names.map((name) => saveContext(io, name, context)))
  expect(Object.keys((await readContexts(io)).contexts).toSorted()).toEqual(names)
  const file = join(io.environment.XDG_CONFIG_HOME, 'lightflus', 'contexts.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(join(io.environment.XDG_CONFIG_HOME, 'lightflus'))).mode & 0o777).toBe(0o700)
})

it('takes over a lock that a command left behind when it died', async () => {
  const io = await world()
  await saveContext(io, 'here', context)
  const lock = join(io.environment.XDG_CONFIG_HOME, 'lightflus', 'contexts.json.lock')
  await writeFile(lock, '')
  await utimes(lock, 0, 0)
  await saveContext(io, 'there', context)
  expect((await readContexts(io)).current).toBe('there')
  await expect(readFile(lock)).rejects.toThrow('ENOENT')
})
