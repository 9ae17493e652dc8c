import { analyse } from './analyse.ts'
import type { Demand } from './demand.ts'
import type { ResultShape } from './function-use.ts'

// Goal: what is read is told exactly where lambdas are as people write them, and not at all where they are hostile.

/** `a, b.c!`: the kind of a, the whole of b.c. */
function shownDemand({ whole, fields }: Demand): string {
  if (whole) return '!'
  return [...fields]
    .map(([name, field]) => {
      const inner = shownDemand(field)
      return inner === '' || inner === '!' ? `${name}${inner}` : `${name}{${inner}}`
    })
    .sort()
    .join(' ')
}

function shownShape(shape: ResultShape): string {
  if (shape.kind === 'computed') return '*'
  if (shape.kind === 'path') return `=${shape.path.join('.')}`
  return `{${[...shape.fields].map(([name, field]) => `${name}${shownShape(field)}`).join(' ')}}`
}

function shown(fn: object, parameter?: number): string {
  const { reads, result } = analyse(fn, parameter)
  return `${shownDemand(reads)} → ${shownShape(result)}`
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is told depends on the text alone
type Any = any
const outside = { name: 'a', count: 0, keep: undefined as unknown, of: (...all: unknown[]) => all.length }
const states = ['OR']

test.each<[string, object]>([
  [' → =', (p: Any) => p],
  [' → *', () => 1],
  [' → =a', (p: Any) => p.a],
  ['a → =a.b', (p: Any) => p.a.b],
  ['a → =a.b', (p: Any) => p?.a?.b],
  [' → =a', (p: Any) => p['a']],
  [' → =a', ({ a }: Any) => a],
  ['a → =a.b', ({ a: { b: c } }: Any) => c],
  [' → {x=a y=b}', (p: Any) => ({ x: p.a, y: p.b })],
  ['c! → {x=a y{z=b} w*}', (p: Any) => ({ x: p.a, y: { z: p.b }, w: p.c * 2 })],
  ['type! → *', (p: Any) => p.type === 2],
  ['bid → *', (p: Any) => p.bid !== null],
  ['bid → *', (p: Any) => p.bid === undefined],
  ['bid → *', (p: Any) => !p.bid],
  ['bid → *', (p: Any) => typeof p.bid === 'object'],
  [
    'auction{dateTime!} bid{dateTime!} person{dateTime!} → *',
    ({ bid, auction, person }: Any) => Date.parse((bid ?? auction ?? person).dateTime),
  ],
  ['a! b! c → *', (p: Any) => (p.c ? p.a : p.b)],
  ['at! → *', (p: Any) => Date.parse(p.at)],
  ['url! → *', (p: Any) => p.url.split('/').length],
  ['a{b!} → *', (p: Any) => p.a.b.length],
  ['a! → *', (p: Any) => `${p.a}-${outside.name}`],
  ['state! → *', ({ state }: Any) => states.includes(state)],
  [
    'url! → {a=a d*}',
    ({ a, url }: Any) => {
      const [, d] = url.split('/')
      return { a, d }
    },
  ],
  [
    'a{c!} → =a.b',
    (p: Any) => {
      const { a } = p
      const { b } = a
      if (a.c > 1) outside.count++
      return b
    },
  ],
  [
    'a! b! c → *',
    (p: Any) => {
      if (p.c) return p.a
      return p.b
    },
  ],
  ['a! items! → *', (p: Any) => p.items.map((item: Any) => ({ a: p.a, item }))],
  ['a{b!} → *', (p: Any) => () => p.a.b],
  ['a! → *', (p: Any) => [p.a]],
  ['a! → *', (p: Any) => ({ ...p.a })],
  ['a! → *', (p: Any) => p.a.toString()],
  ['a! → *', (p: Any) => p.a.constructor],
  ['a! k! → *', (p: Any) => p.a[p.k]],
  ['a! → *', (p: Any) => p.a[0]],
  ['a! → *', (p: Any) => (p.a > 1 ? 'many' : 'few')],
  ['a! → *', function named(p: Any) { return p.a + 1 }], // prettier-ignore
  ['a! → *', { method(p: Any) { return p.a + 1 } }.method], // prettier-ignore
])('%s', (expected, fn) => {
  expect(shown(fn)).toBe(expected)
})

test('of several parameters one is followed', () => {
  const combine = (left: Any, right: Any) => ({ a: left.a, b: right.b, c: right.c + 1 })
  expect(shown(combine)).toBe(' → {a=a b* c*}')
  expect(shown(combine, 1)).toBe('c! → {a* b=b c*}')
  expect(shown(combine, 2)).toBe(' → {a* b* c*}')
  expect(shown((p: Any, q: Any) => q(p), 2)).toBe(' → *')
  expect(shown((p: Any, q = p.a) => q)).toBe('! → *')
})
