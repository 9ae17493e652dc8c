import fc from 'fast-check'
import { timestamp } from './timestamp.ts'

// Goal: a time is what Date.parse takes it for, where that reads it at all, and nothing else is a time.

const anyTime = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})
const zones = ['Z', 'z', '', '+02:00', '-05:30', '+0200', '-00:00', '+14', '+23:59'] as const
const fractions = ['.7', '.789', '.789123456', ',5', '.0'] as const

/** Texts of a time, each beside the one that Date.parse reads. */
const anyText = fc
  .tuple(
    anyTime,
    fc.constantFrom('T', 't', ' '),
    fc.constantFrom(...zones),
    fc.constantFrom(...fractions, 'none', 'ms', 'minute'),
  )
  .map(([time, separator, zone, fraction]) => {
    const iso = time.toISOString()
    const rest = { none: '', ms: iso.slice(19, 23), minute: '' }[fraction as 'none'] ?? fraction
    const clock = iso.slice(11, fraction === 'minute' ? 16 : 19)
    const read = `${rest.replace(',', '.').slice(0, 4)}${/^$|z/i.test(zone) ? 'Z' : zone.replace(/^(...):?(..)?$/, (_all, h: string, m = '00') => `${h}:${m}`)}`
    return {
      text: `${iso.slice(0, 10)}${separator}${clock}${rest}${zone}`,
      read: `${iso.slice(0, 10)}T${clock}${read}`,
    }
  })

test('times are those of Date.parse', () => {
  fc.assert(
    fc.property(anyText, ({ text, read }) => {
      expect([text, timestamp(text)]).toEqual([text, Date.parse(read)])
    }),
    { numRuns: 2_000 },
  )
})

test('days alone are their midnights, one after the other without a gap', () => {
  const start = Date.parse('0000-01-01T00:00:00Z')
  for (let day = 0; day < 800 * 365; day += 1) {
    const ms = start + day * 86_400_000
    if (timestamp(new Date(ms).toISOString().slice(0, 10)) !== ms) throw new Error(new Date(ms).toISOString())
  }
  expect(timestamp('9999-12-31')).toBe(Date.UTC(9999, 11, 31))
})

/** What a time is, said in another way. */
function isTime(text: string): boolean {
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[Tt ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?:[Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/.exec(
      text,
    )
  const day = match && new Date(`${match[1]}T00:00:00Z`)
  return !!day && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(match![1]!)
}

test('a text with a character replaced, left out or put in is a time where it still says one', () => {
  const strange = fc.constantFrom(...'0123456789-:.TZ +,/e'.split(''), 'é', '\u{1f600}', '٣', '')
  fc.assert(
    fc.property(anyText, fc.nat(30), fc.nat(1), strange, ({ text }, at, removed, put) => {
      const changed = text.slice(0, at) + put + text.slice(at + removed)
      if (isTime(changed)) expect(Number.isInteger(timestamp(changed))).toBe(true)
      else expect(() => timestamp(changed)).toThrow(RangeError)
    }),
    { numRuns: 5_000 },
  )
})

test.each([
  '', ' ', '2026', '2026-01', '2026-02-29', '1900-02-29', '2026-13-01', '2026-00-10', '2026-01-00', '2026-04-31', '2026-01-01T24:00:00.000Z',
  '2026-01-01T23:60:00.000Z', '2026-01-01T23:59:60.000Z', '2026-01-01T12', '2026-01-01T12:00:00.', '2026-01-01T12:00:00+24:00',
  '2026-01-01T12:00:00+1', '2026-01-01 12:00:00 UTC', ' 2026-01-01', '2026-01-01T12:00:00.000Z ', '26-01-01', '+002026-01-01', 'x'.repeat(1_000),
])('%p is no time', (text) => expect(() => timestamp(text)).toThrow(/is no time such as/)) // prettier-ignore

test('neither is anything but a text', () => {
  for (const value of [0, 1e12, {}, [], true, new Date(0)]) expect(() => timestamp(value as string)).toThrow(RangeError)
})

test('a leap day is one, where there is one', () => {
  expect(timestamp('2024-02-29 12:00:00.000')).toBe(Date.UTC(2024, 1, 29, 12))
  expect(timestamp('2000-02-29')).toBe(Date.UTC(2000, 1, 29))
})

test('what is remembered of the text before says nothing of another day', () => {
  const texts = [
    '2026-01-01 00:00:00.001',
    '2026-01-02 00:00:00.001',
    '2026-01-01 00:00:00.001',
    '2027-01-01T00:00:00.001Z',
  ]
  expect(texts.map(timestamp)).toEqual(texts.map((text) => Date.parse(`${text.slice(0, 23).replace(' ', 'T')}Z`)))
  expect(() => timestamp('2026-02-30 00:00:00.001')).toThrow(RangeError)
  expect(() => timestamp('2026-02-30 00:00:00.001')).toThrow(RangeError)
})
