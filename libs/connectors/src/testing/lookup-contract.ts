import type { Json } from '@lightflus/api'
import type { Lookup, ResolvedConnection } from '@lightflus/engine'
import { freePort } from '@lightflus/testing/services'
import { TcpProxy } from './tcp-proxy.ts'

/** A lookup and what it looks at, as the contract wants them. */
export interface LookupCase {
  /** A lookup that is not open yet. */
  readonly create: (connection: ResolvedConnection, signal?: AbortSignal) => Lookup
  readonly connectionTo: (options?: Readonly<Record<string, Json>>) => ResolvedConnection
  readonly target: () => { readonly host: string; readonly port: number }
  /** Lets the system hold {@link foundOf} for each of these keys. */
  readonly put: (ids: readonly number[]) => Promise<void>
  readonly foundOf: (id: number) => unknown
  /** A connection that signs in wrongly. */
  readonly refused: () => ResolvedConnection
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, offset) => from + offset)
const failing = (code: string) => expect.objectContaining({ code })

/** What every lookup promises: an answer for each key, in order, or null; a code for what went wrong; patience. */
export function describeLookupContract(name: string, getCase: () => LookupCase): void {
  describe(`lookup contract: ${name}`, () => {
    async function using<T>(connection: ResolvedConnection, use: (lookup: Lookup) => Promise<T>): Promise<T> {
      const lookup = getCase().create(connection)
      try {
        await lookup.open()
        return await use(lookup)
      } finally {
        await lookup.close()
      }
    }

    it('finds what is held for each key, in the order of the keys, and null for the others', async () => {
      const { put, foundOf, connectionTo } = getCase()
      await put([1, 2, 3])
      await using(connectionTo(), async (lookup) => {
        expect(await lookup.find([2, 9, 1])).toEqual([foundOf(2), null, foundOf(1)])
        expect(await lookup.find(['3', 'x', -0.5, "'; --"])).toEqual([foundOf(3), null, null, null])
        await put([9])
        expect(await lookup.find([9])).toEqual([foundOf(9)])
      })
    })

    it('finds what is held for thousands of keys at once', async () => {
      const { put, foundOf, connectionTo } = getCase()
      await put(range(0, 2_500))
      const asked = range(0, 5_000).reverse()
      const found = await using(connectionTo(), (lookup) => lookup.find(asked))
      expect(found).toEqual(asked.map((id) => (id < 2_500 ? foundOf(id) : null)))
    })

    describe('says with a code what is wrong:', () => {
      it('credentials that are refused', async () => {
        await expect(using(getCase().refused(), (lookup) => lookup.find([1]))).rejects.toEqual(
          failing('LF_CONNECTION_AUTH'),
        )
      })

      it('a port where nothing listens', async () => {
        const connection = getCase().connectionTo({ port: await freePort() })
        await expect(using(connection, (lookup) => lookup.find([1]))).rejects.toEqual(failing('LF_CONNECTION_REFUSED'))
      })

      it('a connection that was not given', () => {
        const connection = { ...getCase().connectionTo(), kind: 'another' }
        expect(() => getCase().create(connection)).toThrow(failing('LF_CONNECTION_OPTION'))
      })
    })

    describe('when the connection breaks', () => {
      it('asks again, and answers when the server is back', async () => {
        const { put, foundOf, connectionTo, target } = getCase()
        await put([1])
        const proxy = await TcpProxy.listen({ to: target() })
        await using(connectionTo({ host: '127.0.0.1', port: proxy.port }), async (lookup) => {
          expect(await lookup.find([1])).toEqual([foundOf(1)])
          for (let outage = 0; outage < 3; outage++) {
            proxy.cut()
            const answer = lookup.find([1, 2])
            setTimeout(() => proxy.heal(), 300)
            expect(await answer).toEqual([foundOf(1), null])
          }
        })
        await proxy.close()
      }, 30_000)

      it('fails as lost when it stays away, which a restart may heal', async () => {
        const { connectionTo, target } = getCase()
        const proxy = await TcpProxy.listen({ to: target() })
        await using(connectionTo({ host: '127.0.0.1', port: proxy.port }), async (lookup) => {
          proxy.cut()
          const failure = await lookup.find([1]).catch((thrown: unknown) => thrown)
          expect(failure).toMatchObject({ code: 'LF_CONNECTION_LOST', retry: true })
        })
        await proxy.close()
      }, 60_000)

      it('holds up neither an attempt that is aborted, nor closing', async () => {
        const { create, connectionTo, target } = getCase()
        const proxy = await TcpProxy.listen({ to: target() })
        const connection = connectionTo({ host: '127.0.0.1', port: proxy.port })
        const ending = new AbortController()
        const [aborted, closed] = [create(connection, ending.signal), create(connection)]
        for (const lookup of [aborted, closed]) await lookup.open()
        proxy.stall()
        const answers = [aborted, closed].map((lookup) => lookup.find([1]).catch((thrown: unknown) => thrown))
        ending.abort()
        await closed.close()
        for (const answer of await Promise.all(answers)) expect(answer).toHaveProperty('message')
        await aborted.close()
        await proxy.close()
      })
    })
  })
}
