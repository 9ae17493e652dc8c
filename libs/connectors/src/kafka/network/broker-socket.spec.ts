import type { Socket } from 'node:net'
import { withServer } from '../../testing/misbehaving-server.ts'
import { apiVersions } from '../protocol/connecting.ts'
import { metadata } from '../protocol/metadata.ts'
import { BrokerSocket } from './broker-socket.ts'

const options = { connection: 'shop', seeds: [], tls: undefined, sasl: undefined }
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })

/** A connection to a server that does whatever it likes with what it is sent. */
const withBroker = (behave: (socket: Socket, request: Buffer) => void, use: (socket: BrokerSocket) => Promise<void>) =>
  withServer(behave, async (port) => {
    const socket = await BrokerSocket.connect(options, { host: '127.0.0.1', port })
    try {
      await use(socket)
    } finally {
      socket.close()
    }
  })

/** An answer to ApiVersions that knows nothing, for the request of that number. */
function answerTo(number: number): Buffer {
  const answer = Buffer.alloc(14)
  answer.writeInt32BE(10, 0)
  answer.writeInt32BE(number, 4)
  return answer
}

test('answers are told apart by their number, however they are cut', () =>
  withBroker(
    (socket, request) => {
      // Both requests are there: they are written at once.
      if (request.length < 40) return
      const answers = Buffer.concat([answerTo(1), answerTo(0)])
      for (const byte of answers) socket.write(Buffer.of(byte))
    },
    async (socket) => {
      const [one, two] = [socket.send(apiVersions.at(0), undefined), socket.send(apiVersions.at(0), undefined)]
      await Promise.all([one, two])
    },
  ))

test.each([
  ['speaks HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'LF_KAFKA_PROTOCOL', 'does not speak'],
  ['sends a length that is none', Buffer.from([0xff, 0xff, 0xff, 0xff, 0]), 'LF_KAFKA_PROTOCOL', 'does not speak'],
  ['wants TLS', Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]), 'LF_CONNECTION_TLS', 'expects TLS'],
])('a server that %s is told from a broker', (_name, bytes, code, message) =>
  withBroker(
    (socket) => socket.write(bytes),
    async (socket) => {
      await expect(socket.send(apiVersions.at(0), undefined)).rejects.toEqual(failing(code, message))
      expect(socket.isOpen).toBe(false)
      await expect(socket.send(apiVersions.at(0), undefined)).rejects.toEqual(failing(code))
    },
  ),
)

test('an answer that ends before what it says is in it is an error of that request', () =>
  withBroker(
    (socket, request) => socket.write(answerTo(request.readInt32BE(8))),
    async (socket) => {
      await expect(socket.send(metadata.at(12), 'all')).rejects.toEqual(
        failing('LF_KAFKA_PROTOCOL', 'answer to Metadata'),
      )
      await socket.send(apiVersions.at(0), undefined)
    },
  ))

test('what waits for an answer fails when the connection ends', () =>
  withBroker(
    (socket) => socket.destroy(),
    async (socket) => {
      await expect(socket.send(apiVersions.at(0), undefined)).rejects.toEqual(failing('ECONNRESET'))
    },
  ))

test('an answer to what was not asked ends the connection at once, and so does one without a question', () =>
  withBroker(
    (socket) => socket.write(answerTo(7)),
    async (socket) => {
      await expect(socket.send(apiVersions.at(0), undefined)).rejects.toEqual(failing('LF_KAFKA_PROTOCOL', 'not asked'))
      expect(socket.isOpen).toBe(false)
    },
  ))

test('who has not shown yet that it is a broker may answer 64 KiB at most', () =>
  withBroker(
    (socket, request) => {
      const answer = Buffer.alloc(8)
      answer.writeInt32BE(64 * 1024 + (request.readInt32BE(8) === 0 ? 0 : 1), 0)
      answer.writeInt32BE(request.readInt32BE(8), 4)
      socket.write(answer)
      if (request.readInt32BE(8) === 0) socket.write(Buffer.alloc(64 * 1024 - 4))
    },
    async (socket) => {
      await socket.send(apiVersions.at(0), undefined)
      await expect(socket.send(apiVersions.at(0), undefined)).rejects.toEqual(failing('LF_KAFKA_PROTOCOL'))
    },
  ))

test('tagged fields that go beyond a flexible answer are an error of that request', () =>
  withBroker(
    (socket, request) => {
      const answer = Buffer.alloc(10, 0xff)
      answer.writeInt32BE(6, 0)
      answer.writeInt32BE(request.readInt32BE(8), 4)
      socket.write(answer)
    },
    async (socket) => {
      await expect(socket.send(metadata.at(12), 'all')).rejects.toEqual(
        failing('LF_KAFKA_PROTOCOL', 'answer to Metadata'),
      )
    },
  ))
