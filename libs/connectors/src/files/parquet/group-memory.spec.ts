import fc from 'fast-check'
import { GroupMemory } from './group-memory.ts'

// Goal: what is taken for a row group is nobody else's until the next one begins, and then it is taken again.

test('pieces of a row group never share a byte, whatever the groups before took', () => {
  const groups = fc.array(fc.array(fc.nat(200_000), { maxLength: 6 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(groups, (groups) => {
      const memory = new GroupMemory()
      for (const lengths of groups) {
        memory.begin()
        const pieces = lengths.map((length) => memory.kept(length))
        pieces.forEach((piece, index) => piece.fill(index))
        expect(pieces.map(({ length }) => length)).toEqual(lengths)
        expect(pieces.every((piece, index) => piece.equals(Buffer.alloc(piece.length, index)))).toBe(true)
      }
    }),
    { numRuns: 30 },
  )
})

test('a row group of about the same size takes the memory of the last one, and small pieces take no large ones', () => {
  const memory = new GroupMemory()
  const taken = (lengths: number[]) => {
    memory.begin()
    return new Set(lengths.map((length) => memory.take(length)))
  }
  const first = taken([8_000_000, 1_000_000, 500_000])
  const second = taken([1_050_000, 8_300_000, 510_000])
  expect([...second].every((piece) => first.has(piece))).toBe(true)
  const small = taken([1_000_000, 1_000_000])
  expect([...small].map(({ byteLength }) => byteLength < 3_000_000)).toEqual([true, true])
  // The large piece was let go meanwhile.
  expect([...taken([8_000_000])].some((piece) => first.has(piece))).toBe(false)
})

test('the room of a chunk and that of a page are taken again and again', () => {
  const memory = new GroupMemory()
  const [chunk, page] = [memory.chunk(100_000), memory.page(100_000)]
  expect(memory.chunk(70_000).buffer).toBe(chunk.buffer)
  expect(memory.page(105_000).buffer).toBe(page.buffer)
  expect(chunk.buffer).not.toBe(page.buffer)
})
