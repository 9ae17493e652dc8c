import { choiceOf, numberOf, returnPathOf, textOf } from './search.ts'

describe('search parameters', () => {
  test('what is not understood is left out', () => {
    const search = { q: '', text: 'a', number: 7, bool: true, list: ['a'], show: 'ended', other: 'nothing' }
    expect(['q', 'text', 'number', 'bool', 'list', 'gone'].map((name) => textOf(search, name))).toEqual([
      undefined,
      'a',
      '7',
      'true',
      undefined,
      undefined,
    ])
    expect(choiceOf(search, 'show', ['active', 'ended'])).toBe('ended')
    expect(choiceOf(search, 'other', ['active', 'ended'])).toBeUndefined()
    expect([numberOf({ line: '12' }, 'line'), numberOf({ line: -1 }, 'line'), numberOf({ line: 'x' }, 'line')]).toEqual(
      [12, undefined, undefined],
    )
  })

  test.each(['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', 'jobs', undefined])(
    'signing in never leads to %s',
    (target) => {
      expect(returnPathOf(target)).toBe('/jobs')
    },
  )

  test('signing in leads to a page of the console', () => {
    expect(returnPathOf('/usage?span=7d')).toBe('/usage?span=7d')
  })
})
