import fc from 'fast-check'
import { addNumber, mergeNumbers, noNumbers, removeNumber } from './sorted-numbers.ts'

const number = fc.integer({ min: -3, max: 3 })
const of = (numbers: readonly number[]) => numbers.reduce((sorted, each) => addNumber(sorted, each), noNumbers())

test('each number stands once, rising, with how often it is there', () => {
  fc.assert(
    fc.property(fc.array(number), fc.array(number), (a, b) => {
      const all = [...a, ...b].sort((x, y) => x - y)
      const numbers = [...new Set(all)]
      const counts = numbers.map((each) => all.filter((other) => other === each).length)
      const merged = mergeNumbers(of(a), of(b))
      expect(merged).toEqual({ numbers, counts })
      expect(b.reduce(removeNumber, merged)).toEqual(of(a))
    }),
  )
})
