import fc from 'fast-check'
import { AnswerReceiver } from './answer-receiver.ts'

// Goal: answers come to their places whole, wherever the bytes are cut and whoever reads them, and nothing is written
// beside them.

const answer = (number: number, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + body.length, 0)
  head.writeInt32BE(number, 4)
  return Buffer.concat([head, body])
}

class Awaited {
  readonly places = new Map<number, Buffer>()
  readonly answers: [number, string][] = []
  readonly refused: string[] = []
  bytesMax = 200_000

  placeOf(number: number, length: number): Buffer | undefined {
    if (number < 0) return undefined
    const place = Buffer.alloc(length + 32, 0x55)
    this.places.set(number, place)
    return place
  }

  answered(number: number, bytes: Buffer, length: number): void {
    expect(bytes).toBe(this.places.get(number))
    expect(bytes.subarray(length).every((byte) => byte === 0x55)).toBe(true)
    this.answers.push([number, bytes.subarray(0, length).toString('base64')])
  }

  refuse(_head: Buffer, trouble: string): void {
    this.refused.push(trouble)
  }
}

const body = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10_000, max: 100_000 }).map((size) => Buffer.alloc(size, size % 251)) },
)
const cut = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 70_000 }))
/** Whether the bytes are read by the kernel to where they belong. */
const cuts = fc.infiniteStream(fc.tuple(cut, fc.boolean()))

it('cuts a stream into its answers', () => {
  fc.assert(
    fc.property(fc.array(body, { maxLength: 6 }), cuts, (bodies, cuts) => {
      const awaited = new Awaited()
      const receiver = new AnswerReceiver(awaited)
      const stream = Buffer.concat(bodies.map((body, number) => answer(number, body)))
      for (let at = 0; at < stream.length;) {
        const [size, isDirect] = cuts.next().value
        const room = receiver.room()
        const chunk = stream.subarray(at, at + Math.min(size, isDirect ? room.length : size))
        if (isDirect) {
          chunk.copy(room)
          receiver.received(chunk.length, room)
        } else receiver.take(chunk)
        at += chunk.length
      }
      expect(awaited.answers).toEqual(bodies.map((body, number) => [number, Buffer.from(body).toString('base64')]))
      expect(awaited.refused).toEqual([])
    }),
  )
})

it('reads a large answer to its place, and no further', () => {
  const awaited = new Awaited()
  const receiver = new AnswerReceiver(awaited)
  receiver.take(answer(3, Buffer.alloc(50_000)).subarray(0, 1_000))
  expect(receiver.room().buffer).toBe(awaited.places.get(3)!.buffer)
  expect(receiver.room().length).toBe(50_000 - 992)
  receiver.stop()
  expect(receiver.room().buffer).not.toBe(awaited.places.get(3)!.buffer)
})

it.each([
  ['longer than is believed', Buffer.from([0, 3, 13, 65, 0]), 'length'],
  ['too short for a number', Buffer.from([0, 0, 0, 3]), 'length'],
  ['of less than nothing', Buffer.from([0xff, 0xff, 0xff, 0xff]), 'length'],
  ['that nobody asked for', answer(-1, Buffer.alloc(5)), 'number'],
])('refuses an answer %s, and all that follows', (_name, bytes, trouble) => {
  const awaited = new Awaited()
  const receiver = new AnswerReceiver(awaited)
  for (const byte of bytes) receiver.take(Buffer.of(byte))
  receiver.take(answer(1, Buffer.alloc(5)))
  expect(awaited.refused).toEqual([trouble])
  expect(awaited.answers).toEqual([])
})
