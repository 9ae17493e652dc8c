import { calendar } from './calendar.ts'

test('a calendar window names a time zone that there is', () => {
  expect(calendar('week', { timeZone: 'Asia/Kolkata', offset: '6h' })).toEqual({
    kind: 'calendar',
    unit: 'week',
    timeZone: 'Asia/Kolkata',
    offsetMs: 21_600_000,
  })
  expect(calendar('day').timeZone).toBe('UTC')
  expect(() => calendar('day', { timeZone: 'Europe/Bärlin' })).toThrow(
    expect.objectContaining({
      code: 'LF_PROGRAM_OPTION',
      message: "calendar: option 'timeZone' must be a time zone such as 'Europe/Berlin', not 'Europe/Bärlin'.",
    }),
  )
  expect(() => calendar('minute' as 'hour')).toThrow("must be one of 'hour', 'day', 'week', 'month', 'year'")
})

test('where time zones are not known, a program is not refused for one', () => {
  const { Intl: present } = globalThis
  try {
    Reflect.deleteProperty(globalThis, 'Intl')
    expect(calendar('day', { timeZone: 'Europe/Berlin' }).timeZone).toBe('Europe/Berlin')
  } finally {
    globalThis.Intl = present
  }
})
