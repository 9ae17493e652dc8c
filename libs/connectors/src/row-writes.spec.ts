import type { ChangeKind } from '@lightflus/api'
import fc from 'fast-check'
import { rowWrites } from './row-writes.ts'

const signs: Readonly<Record<string, ChangeKind>> = {
  '+': 'insert',
  '-': 'delete',
  '<': 'updateBefore',
  '>': 'updateAfter',
}
const parsed = (text: string) => {
  const parts = text.split(' ')
  return rowWrites(
    parts.map((part) => signs[part[0]!]!),
    parts.map((part) => part.slice(1) || undefined),
  )
}

test.each([
  ['+a -a', ['put', 'remove']],
  ['<a >a', ['leave', 'put']],
  ['<a >b', ['remove', 'put']],
  ['<a <b >b >a', ['leave', 'leave', 'put', 'put']],
  ['<a', ['remove']],
  ['<a -a', ['remove', 'remove']],
  ['<a <a >a', ['remove', 'leave', 'put']],
  ['>a', ['put']],
  ['<a +', ['remove', undefined]],
])('%s', (text, expected) => expect(parsed(text)).toEqual(expected))

test('what is written ends with the rows that the changes end with', () => {
  const change = fc.record({ key: fc.constantFrom('a', 'b', 'c'), kind: fc.constantFrom(...Object.values(signs)) })
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const writes = rowWrites(
        changes.map(({ kind }) => kind),
        changes.map(({ key }) => key),
      )
      const written = new Map<string, number>()
      const expected = new Map<string, number>()
      changes.forEach(({ key, kind }, index) => {
        if (writes[index] === 'put') written.set(key, index)
        else if (writes[index] === 'remove') written.delete(key)
        if (kind === 'insert' || kind === 'updateAfter') expected.set(key, index)
        else expected.delete(key)
      })
      expect(written).toEqual(expected)
    }),
  )
})
