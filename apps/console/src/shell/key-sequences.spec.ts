import { sequenceOf, sequenceWithinMs } from './key-sequences.ts'

describe('key sequences', () => {
  test('two keys in time are one sequence', () => {
    expect(sequenceOf({ key: 'g', at: 0 }, { key: 'j', at: sequenceWithinMs })).toBe('g j')
  })

  test('a late key, or a first one, is none', () => {
    expect(sequenceOf({ key: 'g', at: 0 }, { key: 'j', at: sequenceWithinMs + 1 })).toBeUndefined()
    expect(sequenceOf(undefined, { key: 'j', at: 5 })).toBeUndefined()
  })
})
