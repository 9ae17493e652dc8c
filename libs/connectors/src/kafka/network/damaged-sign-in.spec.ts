import fc from 'fast-check'
import { isLightflusError } from '@lightflus/api'
import { networkTrouble } from '../../connection-errors.ts'
import { damage } from '../../testing/damaged-bytes.ts'
import { withServer } from '../../testing/misbehaving-server.ts'
import { recordedKafkaAnswers } from '../../testing/recorded-kafka-answers.ts'
import { apiVersions, saslHandshake } from '../protocol/connecting.ts'
import { metadata } from '../protocol/metadata.ts'
import { WireWriter } from '../protocol/wire.ts'
import type { PasswordOptions, SaslOptions } from './cluster-options.ts'
import { KafkaClient } from './kafka-client.ts'
import { ScramExchange } from './scram.ts'

const user = { username: 'ada', password: 'secret' }
const asUser = (mechanism: PasswordOptions['mechanism']): SaslOptions => ({ mechanism, ...user })
const byToken: SaslOptions = { mechanism: 'oauthbearer', token: user.password, extensions: {} }
const handshake = new WireWriter().int16(0).int32(0)

/** What a broker answers to each of its requests; to SCRAM's with the client's own nonce, but no password. */
function answerTo(request: Buffer): Buffer {
  switch (request.readInt16BE(4)) {
    case apiVersions.key:
      return Buffer.from(recordedKafkaAnswers.newestApiVersions, 'hex')
    case saslHandshake.key:
      return handshake.bytes
    case metadata.key:
      return Buffer.from(recordedKafkaAnswers.metadata, 'hex')
    default: {
      const nonce = /r=([\w-]+)/.exec(request.toString('latin1'))?.[1]
      const message = nonce ? `r=${nonce}more,s=c2FsdA==,i=4096` : 'v=c2lnbmF0dXJl'
      return new WireWriter()
        .noTags()
        .int16(0)
        .compactString(null)
        .compactByteString(Buffer.from(message))
        .int64(0)
        .noTags().bytes
    }
  }
}

/** The answer with its length and the request's number before it. */
function framed(request: Buffer, answer: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + answer.length, 0)
  request.copy(head, 4, 8, 12)
  return Buffer.concat([head, answer])
}

/** Signs in at a server that does so; tells what became of it. */
async function signIn(sasl: SaslOptions | undefined, answer: (request: Buffer, turn: number) => Buffer | undefined) {
  let outcome: unknown = 'in'
  let turn = 0
  await withServer(
    (socket, request) => {
      const bytes = answer(request, turn++)
      // Only what is expected leaves the connection open: nothing has to wait for the end of its patience.
      if (bytes) socket.end(bytes)
      else socket.write(framed(request, answerTo(request)))
    },
    async (port) => {
      const client = new KafkaClient({ connection: 'shop', seeds: [{ host: '127.0.0.1', port }], tls: undefined, sasl })
      await client.connect().catch((thrown: unknown) => (outcome = thrown))
      client.close()
    },
  )
  return outcome
}

const codeOf = (outcome: unknown) => (isLightflusError(outcome) ? outcome.code : outcome)

test('a broker that answers as it should lets in, or is found out not to know the password', async () => {
  expect(await signIn(undefined, () => undefined)).toBe('in')
  expect(await signIn(asUser('plain'), () => undefined)).toBe('in')
  expect(codeOf(await signIn(asUser('scram-sha-256'), () => undefined))).toBe('LF_CONNECTION_AUTH')
  // An answer that says something says no.
  expect(codeOf(await signIn(byToken, () => undefined))).toBe('LF_CONNECTION_AUTH')
})

test.each([undefined, asUser('plain'), asUser('scram-sha-256'), byToken])(
  'a damaged answer, or a damaged frame, ends signing in by a typed error: %j',
  async (sasl) => {
    const damages = fc.array(damage, { minLength: 1, maxLength: 2 })
    await fc.assert(
      fc.asyncProperty(damages, fc.nat(sasl ? 4 : 1), fc.boolean(), async (damages, at, isFrame) => {
        const damaged = (bytes: Buffer) => damages.reduce((all, change) => change(all), bytes)
        const outcome = await signIn(sasl, (request, turn) => {
          if (turn !== at) return undefined
          return isFrame ? damaged(framed(request, answerTo(request))) : framed(request, damaged(answerTo(request)))
        })
        if (outcome === 'in' || networkTrouble(outcome)) return
        expect(codeOf(outcome)).toMatch(/^LF_(KAFKA_PROTOCOL|KAFKA_VERSION|CONNECTION_(AUTH|TLS|FAILED|REFUSED))$/)
        expect((outcome as Error).message).not.toContain(user.password)
      }),
      { numRuns: 150 },
    )
  },
  60_000,
)

test('SCRAM messages of any content are an error, never taken for proof', async () => {
  const nonce = 'abc'
  const parts = fc.constantFrom(
    'r=abcdef',
    's=c2FsdA==',
    's=',
    'i=4096',
    'i=-1',
    'i=1e3',
    'i=0x10',
    'v=',
    'e=x',
    'm=x',
    '',
    '=',
  )
  const message = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(parts, fc.string())).map((all) => all.join(',')),
  )
  await fc.assert(
    fc.asyncProperty(message, message, async (first, last) => {
      const scram = new ScramExchange('scram-sha-256', user.username, user.password, nonce)
      const final = await scram.clientFinal(first).catch((thrown: unknown) => thrown)
      if (typeof final !== 'string') return expect((final as Error).message).toContain('makes no sense')
      expect(() => scram.verify(last)).toThrow()
    }),
    { numRuns: 500 },
  )
})
