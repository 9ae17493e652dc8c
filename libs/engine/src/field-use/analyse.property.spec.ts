import fc from 'fast-check'
import { analyse } from './analyse.ts'
import { everything, project, type Demand } from './demand.ts'
import type { ResultShape } from './function-use.ts'
import { anyLambda, anyRecord } from './testing/random-lambda.ts'
import { demandOf } from './through-shape.ts'

// Goal: a function cannot tell a record that holds what the analysis says it uses from the whole one.

type Lambda = (record: unknown) => unknown

const lambdaOf = (text: string) => new Function('free', `'use strict'; return (${text})`)(undefined) as Lambda
const copyOf = (record: unknown) => JSON.parse(JSON.stringify(record)) as unknown

/** What a lambda does, as a text that differs where anyone could see a difference. */
function outcome(lambda: Lambda, record: unknown): string {
  try {
    return shown(lambda(record))
  } catch (thrown) {
    return `throws ${String(thrown)}`
  }
}

function shown(value: unknown): string {
  return JSON.stringify({ value }, (_name, each: unknown) =>
    each === undefined || typeof each === 'function' || Object.is(each, NaN) ? `<${String(each)}>` : each,
  )
}

/** A lambda whose text does not even parse (two constants of a name) tests nothing. */
const anyRunning = anyLambda.filter((text) => {
  try {
    lambdaOf(text)
    return true
  } catch {
    return false
  }
})

const runs = { numRuns: 1_500 }

test('what a function does with what it uses of a record is what it does with the record', () => {
  let followed = 0
  fc.assert(
    fc.property(anyRunning, fc.array(anyRecord, { minLength: 1, maxLength: 8 }), (text, records) => {
      const lambda = lambdaOf(text)
      const demand = demandOf(analyse(lambda), everything)
      if (!demand.whole) followed++
      for (const record of records)
        expect(outcome(lambda, project(copyOf(record), demand))).toBe(outcome(lambda, copyOf(record)))
    }),
    runs,
  )
  // Or the test would be one of functions that are given all anyway.
  expect(followed).toBeGreaterThan(250)
})

test('nothing of a record is looked at that is not wanted', () => {
  fc.assert(
    fc.property(anyRunning, anyRecord, (text, record) => {
      const lambda = lambdaOf(text)
      const unwanted: string[] = []
      const guarded = guard(copyOf(record), demandOf(analyse(lambda), everything), (what) => unwanted.push(what))
      try {
        lambda(guarded)
      } catch {
        // What it throws is the other test's business.
      }
      expect(unwanted).toEqual([])
    }),
    runs,
  )
})

/** The value, with proxies for what of it is not wanted: they report whatever is done with them but to name them. */
function guard(value: unknown, demand: Demand, report: (what: string) => void): unknown {
  if (demand.whole || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const wanted = (target: object, name: string | symbol) => {
    const ofField = demand.fields.get(name as string)
    return ofField ? guard(target[name as keyof typeof target], ofField, report) : poison(String(name), report)
  }
  return new Proxy(value, { ...reporting('the record', report), get: wanted })
}

const poison = (name: string, report: (what: string) => void) => new Proxy(() => {}, reporting(name, report))

function reporting(name: string, report: (what: string) => void): ProxyHandler<object> {
  const traps = ['get', 'set', 'has', 'deleteProperty', 'ownKeys', 'getPrototypeOf', 'apply', 'construct']
  return Object.fromEntries(
    traps.map((trap) => [
      trap,
      () => {
        report(`${trap} of ${name}`)
        throw new Error('unwanted')
      },
    ]),
  )
}

test('a result is what its shape says, where all on the way are objects', () => {
  let shaped = 0
  fc.assert(
    fc.property(anyRunning, anyRecord, (text, record) => {
      const { result } = analyse(lambdaOf(text))
      if (result.kind === 'computed') return
      let made: unknown
      try {
        made = lambdaOf(text)(record)
      } catch {
        return
      }
      shaped++
      expectShape(made, result, record)
    }),
    runs,
  )
  expect(shaped).toBeGreaterThan(50)
})

function expectShape(made: unknown, shape: ResultShape, record: unknown): void {
  if (shape.kind === 'path') {
    let value = record
    for (const name of shape.path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return
      value = (value as Record<string, unknown>)[name]
    }
    expect(made).toBe(value)
  } else if (shape.kind === 'object') {
    expect(Object.keys(made as object)).toEqual([...shape.fields.keys()])
    for (const [name, field] of shape.fields) expectShape((made as Record<string, unknown>)[name], field, record)
  }
}
