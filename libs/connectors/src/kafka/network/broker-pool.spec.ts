import type { Socket } from 'node:net'
import { withServer } from '../../testing/misbehaving-server.ts'
import { recordedKafkaAnswers } from '../../testing/recorded-kafka-answers.ts'
import { saslAuthenticateCodec } from '../protocol/generated/sasl-authenticate.ts'
import { saslHandshakeCodec } from '../protocol/generated/sasl-handshake.ts'
import { metadata } from '../protocol/metadata.ts'
import { WireWriter } from '../protocol/wire.ts'
import { BrokerPool } from './broker-pool.ts'
import type { SaslOptions } from './cluster-options.ts'

/** As a broker does that lets everybody in, for no more than a millisecond where it is asked to let in. */
function answer(socket: Socket, request: Buffer): void {
  const bytes = answerTo(request.readInt16BE(4))
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + bytes.length, 0)
  request.copy(head, 4, 8, 12)
  socket.write(Buffer.concat([head, bytes]))
}

function answerTo(key: number): Buffer {
  const writer = new WireWriter()
  switch (key) {
    case saslHandshakeCodec.key:
      saslHandshakeCodec.writeResponse(writer, { errorCode: 0, mechanisms: [] }, 1)
      return writer.bytes
    case saslAuthenticateCodec.key: {
      const letIn = { errorCode: 0, errorMessage: null, authBytes: Buffer.alloc(0), sessionLifetimeMs: 1 }
      saslAuthenticateCodec.writeResponse(writer.noTags(), letIn, 2)
      return writer.bytes
    }
    case metadata.key:
      return Buffer.from(recordedKafkaAnswers.metadata, 'hex')
    default:
      return Buffer.from(recordedKafkaAnswers.newestApiVersions, 'hex')
  }
}

function poolOf(ports: readonly number[], sasl?: SaslOptions): BrokerPool {
  const seeds = ports.map((port) => ({ host: '127.0.0.1', port }))
  return new BrokerPool({ connection: 'shop', seeds, tls: undefined, sasl })
}

test('a broker that failed is not asked before one that works', async () => {
  let tried = 0
  const hangUp = (socket: Socket) => {
    tried++
    socket.destroy()
  }
  await withServer(hangUp, (bad) =>
    withServer(answer, async (good) => {
      const pool = poolOf([bad, good])
      for (let turn = 0; turn < 3; turn++) expect((await pool.any()).peer.address).toBe(`127.0.0.1:${good}`)
      expect(tried).toBe(1)
      pool.close()
    }),
  )
})

test('brokers that all failed are tried in turn', async () => {
  const tried: string[] = []
  const hangUp = (name: string) => (socket: Socket) => {
    tried.push(name)
    socket.destroy()
  }
  await withServer(hangUp('a'), (a) =>
    withServer(hangUp('b'), async (b) => {
      const pool = poolOf([a, b])
      for (let turn = 0; turn < 2; turn++) await expect(pool.any()).rejects.toMatchObject({ code: /./ })
      expect(tried).toEqual(['a', 'b', 'a', 'b'])
      pool.close()
    }),
  )
})

test('a session that is about to end is replaced, and stays open for what is under way until the pool is closed', async () => {
  await withServer(answer, async (port) => {
    const pool = poolOf([port], { mechanism: 'plain', username: 'ada', password: 'secret' })
    const first = await pool.any()
    // A millisecond is over before an answer can be there.
    await first.send(metadata, [])
    const second = await pool.any()
    expect([second === first, first.isOpen, second.isOpen]).toEqual([false, true, true])
    pool.close()
    await expect(second.send(metadata, [])).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(first.isOpen).toBe(false)
  })
})
