import type { SessionStore } from '../session/session-store.ts'
import { createSessionFetch } from './api-client.ts'

function sessionThatRenews(renews: boolean): SessionStore {
  const store: Partial<SessionStore> = { renew: async () => renews, accessToken: async () => 'new' }
  return store as SessionStore
}

function server(answers: number[]) {
  const calls: { authorization: string | null; idempotencyKey: string | null }[] = []
  const fetch = async (_input: unknown, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers)
    calls.push({ authorization: headers.get('authorization'), idempotencyKey: headers.get('idempotency-key') })
    return new Response(null, { status: answers.shift() })
  }
  return { calls, fetch: fetch as typeof globalThis.fetch }
}

const init = { method: 'POST', headers: { authorization: 'Bearer old', 'idempotency-key': 'k1' } }

describe('a call with the session', () => {
  test('is repeated once, with the new token and the same idempotency key', async () => {
    const { calls, fetch } = server([401, 200])
    const response = await createSessionFetch(sessionThatRenews(true), fetch)('/api/v1/jobs', init)
    expect(response.status).toBe(200)
    expect(calls).toEqual([
      { authorization: 'Bearer old', idempotencyKey: 'k1' },
      { authorization: 'Bearer new', idempotencyKey: 'k1' },
    ])
  })

  test('is not repeated without a new token, nor for any other refusal', async () => {
    const first = server([401])
    expect((await createSessionFetch(sessionThatRenews(false), first.fetch)('/x', init)).status).toBe(401)
    const second = server([403])
    expect((await createSessionFetch(sessionThatRenews(true), second.fetch)('/x', init)).status).toBe(403)
    expect([first.calls.length, second.calls.length]).toEqual([1, 1])
  })
})
