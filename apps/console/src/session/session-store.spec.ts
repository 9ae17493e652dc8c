import { LightflusError } from '@lightflus/api'
import type { Session } from '@lightflus/contracts'
import { createSessionStore } from './session-store.ts'

const start = Date.parse('2026-11-23T10:00:00Z')
const sessionOf = (token: string, lifeMs: number, now: number): Session => ({
  accessToken: token,
  refreshToken: 'unused',
  expiresAt: new Date(now + lifeMs).toISOString(),
  tenant: { id: '7e57ab1e-0000-4000-8000-000000000001', name: 'demo', role: 'owner' },
  user: { id: '7e57ab1e-0000-4000-8000-000000000002', email: 'demo@lightflus.dev' },
})
const refused = (): LightflusError =>
  new LightflusError('LF_PLATFORM_ANSWER', 'no', { details: { status: 401 }, nextStep: 'Sign in.' })
const away = (): LightflusError => new LightflusError('LF_PLATFORM_UNREACHABLE', 'nothing answers')

function harness() {
  let now = start
  let issued = 0
  let failure: LightflusError | undefined
  let gate: Promise<void> = Promise.resolve()
  const timers: { task: () => void; delayMs: number }[] = []
  const announced: string[] = []
  const issue = async (): Promise<Session> => {
    await gate
    if (failure) throw failure
    issued += 1
    return sessionOf(`token-${issued}`, 600_000, now)
  }
  const store = createSessionStore({
    client: { signIn: issue, refreshSession: issue, signOut: async () => undefined },
    now: () => now,
    schedule: (task, delayMs) => {
      const timer = { task, delayMs }
      timers.push(timer)
      return () => timers.splice(timers.indexOf(timer), 1)
    },
    exclusive: (task) => task(),
    announceSignOut: () => announced.push('signed-out'),
  })
  return {
    store,
    timers,
    announced,
    issued: () => issued,
    fail: (error: LightflusError | undefined) => (failure = error),
    hold: (until: Promise<void>) => (gate = until),
    pass: (ms: number) => (now += ms),
  }
}

describe('the session of a tab', () => {
  test('is restored by the cookie, and renewed a minute before it expires', async () => {
    const { store, timers } = harness()
    expect((await store.restore()).status).toBe('signed-in')
    expect(timers.map((timer) => timer.delayMs)).toEqual([540_000])
    timers[0].task()
    await store.restore()
    expect(await store.accessToken()).toBe('token-2')
    expect(timers).toHaveLength(1)
  })

  test('is signed out when the cookie is refused, and unknown when nothing answers', async () => {
    const { store, fail } = harness()
    fail(away())
    expect((await store.restore()).status).toBe('unreachable')
    fail(refused())
    expect((await store.restore()).status).toBe('signed-out')
    expect(await store.accessToken()).toBeUndefined()
  })

  test('outlives a platform that is away for a moment', async () => {
    const { store, fail } = harness()
    await store.restore()
    fail(away())
    expect(await store.renew()).toBe(false)
    expect(store.getSnapshot().status).toBe('signed-in')
  })

  test('asks once for a new token, however many calls need it', async () => {
    const { store, hold, pass, issued } = harness()
    await store.signIn({ email: 'demo@lightflus.dev', password: 'secret' })
    pass(599_000)
    const { promise, resolve } = Promise.withResolvers<void>()
    hold(promise)
    const tokens = [store.accessToken(), store.accessToken(), store.accessToken()]
    resolve()
    expect(await Promise.all(tokens)).toEqual(['token-2', 'token-2', 'token-2'])
    expect(issued()).toBe(2)
  })

  test('a refused call is tried again only with another token', async () => {
    const { store, fail } = harness()
    await store.restore()
    expect(await store.renew()).toBe(true)
    fail(refused())
    expect(await store.renew()).toBe(false)
    expect(store.getSnapshot().status).toBe('signed-out')
  })

  test('ends in all tabs, even when the platform does not hear of it', async () => {
    const { store, announced, timers } = harness()
    await store.restore()
    await store.signOut()
    expect(store.getSnapshot().status).toBe('signed-out')
    expect(announced).toEqual(['signed-out'])
    expect(timers).toEqual([])
  })
})
