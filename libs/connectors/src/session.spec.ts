import { LightflusError } from '@lightflus/api'
import type { Peer } from './connection-errors.ts'
import { Session } from './session.ts'

const peer: Peer = { connection: 'cache', system: 'Redis', address: 'cache:6379' }

interface Client {
  readonly number: number
  isOpen: boolean
}

function sessionOf(failOpen: (number: number) => Error | undefined = () => undefined) {
  const ending = new AbortController()
  const clients: Client[] = []
  let opened = 0
  const session = new Session<Client>({
    peer,
    signal: ending.signal,
    open: () => {
      const failure = failOpen(++opened)
      if (failure) return Promise.reject(failure)
      clients.push({ number: opened, isOpen: true })
      return Promise.resolve(clients.at(-1)!)
    },
    isOpen: (client) => client.isOpen,
    destroy: (client) => void (client.isOpen = false),
    mayPass: (thrown) => (thrown as Error).message === 'away',
    translate: (thrown) => new LightflusError('LF_CONNECTION_FAILED', (thrown as Error).message, { cause: thrown }),
  })
  return { session, clients, ending }
}

test('opening fails at once, in our terms', async () => {
  const { session } = sessionOf(() => new Error('away'))
  await expect(session.open()).rejects.toEqual(
    expect.objectContaining({ code: 'LF_CONNECTION_FAILED', message: 'away' }),
  )
})

test('work is done on one connection, and on a new one when it failed in a way that may pass', async () => {
  const { session, clients } = sessionOf((number) => (number === 2 ? new Error('away') : undefined))
  const seen: number[] = []
  const work = (fails: boolean) =>
    session.run((client) => {
      seen.push(client.number)
      return fails && seen.length === 2 ? Promise.reject(new Error('away')) : Promise.resolve(client.number)
    })
  expect([await work(false), await work(true), await work(false)]).toEqual([1, 3, 3])
  expect(seen).toEqual([1, 1, 3, 3])
  expect(clients.map(({ isOpen }) => isOpen)).toEqual([false, true])
})

test('what will not pass is thrown at once', async () => {
  const { session } = sessionOf()
  await expect(session.run(() => Promise.reject(new Error('wrong')))).rejects.toEqual(
    expect.objectContaining({ code: 'LF_CONNECTION_FAILED', message: 'wrong' }),
  )
})

test('the end of the attempt ends the connection and every try', async () => {
  const { session, clients, ending } = sessionOf()
  await session.open()
  const tries = session.run(() => Promise.reject(new Error('away')))
  ending.abort()
  await expect(tries).rejects.toThrow('away')
  expect(clients.map(({ isOpen }) => isOpen)).toEqual(clients.map(() => false))
})
