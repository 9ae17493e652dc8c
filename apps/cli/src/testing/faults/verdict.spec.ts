import { compare, isExact } from './verdict.ts'

describe('the verdict', () => {
  it('counts what is missing, doubled and wrong of each sink', () => {
    const verdict = compare({
      good: { expected: ['a', 'b'], seen: ['b', 'a'] },
      bad: { expected: ['a', 'b', 'c'], seen: ['a', 'a', 'a', 'c', 'd'] },
    })
    const examples = ['missing: b', 'doubled: a', 'wrong: d']
    expect(verdict).toEqual({
      good: { records: 2, missing: 0, doubled: 0, wrong: 0, examples: [] },
      bad: { records: 5, missing: 1, doubled: 2, wrong: 1, examples },
    })
    expect(isExact(verdict)).toBe(false)
  })

  it.each([
    { expected: ['a'], seen: [] },
    { expected: ['a'], seen: ['a', 'a'] },
    { expected: ['a'], seen: ['a', 'b'] },
  ])('is not exact of $seen where $expected was to be seen', (shown) => {
    expect(isExact(compare({ sink: shown }))).toBe(false)
  })
})
