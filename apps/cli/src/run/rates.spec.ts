import { Rates } from './rates.ts'

// Goal: a rate is what happened in the last three seconds, whatever came before.

it('is over the last three seconds', () => {
  const rates = new Rates()
  expect(rates.add({ atMs: 0, recordsIn: 0, recordsOut: 0 })).toEqual({ inPerSecond: 0, outPerSecond: 0 })
  expect(rates.add({ atMs: 1_000, recordsIn: 500, recordsOut: 10 })).toEqual({ inPerSecond: 500, outPerSecond: 10 })
  for (let second = 2; second <= 10; second += 1) rates.add({ atMs: second * 1_000, recordsIn: 500, recordsOut: 10 })
  expect(rates.add({ atMs: 11_000, recordsIn: 500, recordsOut: 10 })).toEqual({ inPerSecond: 0, outPerSecond: 0 })
})

it('compares with what was before a long pause', () => {
  const rates = new Rates()
  rates.add({ atMs: 0, recordsIn: 0, recordsOut: 0 })
  expect(rates.add({ atMs: 10_000, recordsIn: 1_000, recordsOut: 0 }).inPerSecond).toBe(100)
})

it('is never below zero, also when an attempt starts again from zero', () => {
  const rates = new Rates()
  rates.add({ atMs: 0, recordsIn: 1_000, recordsOut: 0 })
  expect(rates.add({ atMs: 1_000, recordsIn: 10, recordsOut: 0 }).inPerSecond).toBe(0)
})
