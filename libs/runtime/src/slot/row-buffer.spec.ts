import fc from 'fast-check'
import { RowBuffer, rowsBufferedMax } from './row-buffer.ts'

describe('rows on their way out of a slot', () => {
  it('are the newest of each key and sink, in the order in which they came, and given once', () => {
    const published = fc.record({ sink: fc.constantFrom('a', 'b'), key: fc.constantFrom(null, 'x', 'y') })
    fc.assert(
      fc.property(fc.array(published, { maxLength: 60 }), (events) => {
        const buffer = new RowBuffer()
        const expected = new Map<string, { key: string | null; at: number }[]>()
        events.forEach(({ sink, key }, at) => {
          buffer.add(sink, [{ at, key, row: {} }])
          const before = (expected.get(sink) ?? []).filter((each) => key === null || each.key !== key)
          expected.set(sink, [...before, { key, at }])
        })
        const taken = buffer.take().map(({ sink, rows }) => [sink, rows.map(({ key, at }) => ({ key, at }))] as const)
        expect(new Map(taken)).toEqual(expected)
        expect(buffer.take()).toEqual([])
      }),
    )
  })

  it('are bounded: older ones make room', () => {
    const buffer = new RowBuffer()
    for (let at = 0; at < 3 * rowsBufferedMax; at += 1) buffer.add('a', [{ at, key: null, row: {} }])
    const [{ rows }] = buffer.take()
    expect(rows).toHaveLength(rowsBufferedMax)
    expect(rows.at(-1)?.at).toBe(3 * rowsBufferedMax - 1)
  })
})
