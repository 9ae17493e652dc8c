import { analyse } from './analyse.ts'

// Goal: what could look at more of a record than its text tells in so many words is given the whole record.

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is told depends on the text alone
type Any = any

const make = (text: string) => new Function('seen', `'use strict'; return (${text}\n)`)([]) as object
const sloppy = (text: string) => new Function(`return (${text}\n)`)() as object

const expressions = [
  'p[name]', 'p[0]', 'p[`a`]', "p['a' + 'b']", 'p[Symbol.iterator]', 'p?.[k]', 'p[p.a]',
  '({ ...p })', '[...p]', 'f(...p)', 'f(p)', 'f(1, p)', 'new F(p)', 'p()', 'new p()', 'p.a(1)', 'p.a?.()', 'p?.a()', '(0, p).a()',
  'p`text`', 'p.a`text`', 'f`$' + '{p}`', '`$' + '{p}`', "'' + p", '+p', '-p', '~p', 'p + 1', 'p * 2', 'p == 1', 'p === q', 'p < 3', 'p == p',
  "'a' in p", 'p in q', 'p instanceof Q', 'q instanceof p',
  'Object.keys(p)', 'Object.entries(p).length', 'Object.assign({}, p)', 'JSON.stringify(p)', 'structuredClone(p)', 'Reflect.ownKeys(p)',
  'Reflect.get(p, k)', 'String(p)', 'isNaN(p)', 'console.log(p)', '[p]', '[[p]]', '({ p: [p] })', '({ p, a: () => p }).q', '({ [p]: 1 })', '({ [p.a]: p })',
  '({ get a() { return p } })', '({ a() { return p } })', '({ __proto__: p })',
  'p.toString', 'p.toString()', 'p.hasOwnProperty("a")', 'p.valueOf()', 'p.constructor', 'p.constructor.name', 'p.__proto__', "p['__proto__']",
  'p.isPrototypeOf(q)', 'p.propertyIsEnumerable("a")', 'p.toLocaleString()', 'p.__defineGetter__("a", f)', 'p.__lookupGetter__("a")',
  'p.a = 1', 'p.a += 1', 'p.a++', '--p.a', 'p.a.b = 1', 'p.a ??= 1', 'delete p.a', 'delete p.a.b', 'delete p?.a', 'p = 1', 'p++', '[p] = q', '({ a: p } = q)',
  '[p.a] = q', '({ x: p.a } = q)', '{ a: q } = p', '(q = p)', '(seen.last = p)', 'seen.push(p)', '(q ||= p)',
  '(() => p)', '(() => p)().a', '(function () { return p })', '((q) => q.a)(p)', '((q = p) => q)()', '(({ a = p }) => a)(q)',
  'this', 'this.p', '(() => this)()', 'new.target', 'import.meta', 'import(p)', 'super.a',
  'arguments', 'arguments[0]', '(() => arguments[0])()', 'eval("p")', '(0, eval)("p")', 'eval?.("p")', '(() => eval("p"))()', 'f(eval)',
  'class { a = p }', 'new (class { static a = p.b })()', '(async () => p.a)()', '(function* () { yield p.a })()', '(async () => await p)()',
  '(q, p)', '(q ? p : 1)', '(q ?? p)', '(p || q)', '(p && [p])', 'typeof [p]', 'void f(p)', 'throw_(p)', '#a in p',
  'a <!-- b', '(a --> b)', 'p.a; debugger',
] // prettier-ignore

const bodies = [
  'return p[k]', 'for (const k in p) return k', 'for (const v of p) return v', 'for (p of q) {}', 'for (p.a of q) {}', 'for (p in q) {}',
  'const { ...r } = p; return r.a', 'const { [k]: v } = p; return v', 'const [v] = p; return v', 'const { toString } = p; return 1', 'const { __proto__: v } = p; return v',
  'let q = p; return q.a', 'var q = p; return q.a', 'var p; return p.a', 'var p = q; return p.a', 'q = p; return q.a', 'const q = [p]; return q[0].a',
  'const f = () => q; const q = p; return f()', 'function f() { return p } return f().a', 'const f = function () { return [p] }; return 1',
  'if (p.a) return p; return 1', 'try { f() } catch (e) { return p }', 'throw p', 'switch (p) { case 1: return 1 }', 'switch (q) { case p: return 1 }',
  'while (f(p)) {}', 'do { f(p) } while (q)', 'for (let q = p; ; ) return q.a', 'for (;; f(p)) return 1', 'label: for (;;) { f(p); break label }',
  'class C { m() { return p } } return new C()', 'const { a } = p; a = 1; return a', 'const { a } = p; a.b = 1; return a', 'const q = p; q.a = 1; return 1',
  'const q = p.a; delete q.b; return 1', 'const q = p; return q[k]', 'const q = p ?? 1; return f(q)', 'const { a: { ...r } } = p; return this', 'return () => () => p',
  'using q = p; return 1', 'return arguments.length', 'debugger; return p.a',
] // prettier-ignore

test('the list is long', () => expect(expressions.length + bodies.length).toBeGreaterThan(150))

test.each(expressions.map((text) => [text]))('p => %s', (text) =>
  expectWhole(text, `(p) => (${text})`, `(p) => { return ${text} }`),
)
test.each(bodies.map((text) => [text]))('p => { %s }', (text) => expectWhole(text, `(p) => { ${text} }`))

/** Or it is given back as it is, which its consumers answer for. */
function expectWhole(_name: string, ...texts: string[]): void {
  const functions = texts.flatMap((text) => {
    try {
      return [make(text)]
    } catch {
      return []
    }
  })
  for (const fn of functions) {
    const { reads, reason } = analyse(fn)
    expect(reads.whole).toBe(true)
    expect(reason).toMatch(/\S/)
  }
}

test.each<[string, object]>([
  ['a native function', Math.max],
  ['a bound function', ((p: Any) => p.a).bind(null)],
  ['a Proxy', new Proxy((p: Any) => p.a, {})],
  ['a class', class { a = 1 }], // prettier-ignore
  ['an async function', async (p: Any) => p.a],
  ['a generator', function* (p: Any) { yield p.a }], // prettier-ignore
  ['an async generator', { async *m(p: Any) { yield p.a } }.m], // prettier-ignore
  ['a getter', Object.getOwnPropertyDescriptor({ get a() { return 1 } }, 'a')!.get!], // prettier-ignore
  ['a function of batches', Object.assign((p: Any) => p.a, { batch: (all: unknown[]) => all })],
  [
    'a function that says it is another',
    Object.assign((p: Any) => JSON.stringify(p), { toString: () => '(p) => p.a' }),
  ],
  ['a sloppy function, whose callees may read its arguments', sloppy('function f(p) { g(); return p.a }')],
  ['with', sloppy('(p) => { with (p) { return a } }')],
  ['the rest of the parameters', (...all: Any[]) => all[0].a],
  ['a default', (p: Any = {}) => p.a],
  ['a default in another parameter', (p: Any, q = p) => q.a],
])('%s', (_name, fn) => {
  const { reads, result, reason } = analyse(fn)
  expect(reads.whole).toBe(true)
  expect(result).toEqual({ kind: 'computed' })
  expect(reason).toMatch(/\S/)
})

test('text that is nested beyond all measure ends in the whole record, not in an overflow', () => {
  const deep = `(p) => p.a${' + p.a'.repeat(50_000)}`
  expect(() => analyse(make(deep))).not.toThrow()
})

test('a field that someone put on the prototype of all objects is of all objects', () => {
  Object.defineProperty(Object.prototype, 'smuggled', { get: () => 1, configurable: true })
  try {
    expect(analyse((p: Any) => p.smuggled).reads.whole).toBe(true)
  } finally {
    delete (Object.prototype as { smuggled?: unknown }).smuggled
  }
})

test('the reason tells the place', () => {
  expect(analyse((o: Any, name: string) => o[name]).reason).toBe('o[name]: a computed field')
  expect(analyse((o: Any) => ({ ...o, x: 1 })).reason).toBe('o: spread')
})
