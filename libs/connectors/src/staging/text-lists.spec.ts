import fc from 'fast-check'
import { TextListWriter, textListsIn } from './text-lists.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((made) => made.toWellFormed()),
  fc.constant('ä😀'.repeat(3_000)),
)
const lists = fc.array(fc.array(fc.option(text), { maxLength: 6 }), { maxLength: 40 })

describe('lists of texts', () => {
  it('are read as they were written, and told how long they are', () => {
    fc.assert(
      fc.property(lists, lists, (first, second) => {
        const writer = new TextListWriter()
        for (const part of [first, second]) {
          const sizes = part.map((list) => writer.add(list))
          expect([writer.count, writer.bytes]).toEqual([part.length, sizes.reduce((sum, size) => sum + size, 0)])
          const bytes = writer.take()
          expect(bytes.buffer.byteLength).toBe(bytes.length)
          expect([...textListsIn(bytes)]).toEqual(part)
        }
      }),
    )
  })

  it('that are damaged are an error, and never more than their bytes', () => {
    fc.assert(
      fc.property(lists, fc.nat(), fc.nat(255), fc.boolean(), (given, place, byte, isCut) => {
        const writer = new TextListWriter()
        for (const list of given) writer.add(list)
        const bytes = writer.take()
        if (bytes.length > 0) bytes[place % bytes.length] = byte
        const damaged = isCut ? bytes.subarray(0, bytes.length - (place % (bytes.length + 1))) : bytes
        try {
          const read = [...textListsIn(damaged)]
          expect(read.flat().length).toBeLessThanOrEqual(damaged.length)
        } catch (thrown) {
          expect(thrown).toEqual(new Error('Staged output is damaged'))
        }
      }),
    )
  })
})
