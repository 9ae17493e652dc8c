/**
 * What a time costs that is read from a text: `timestamp` beside Date.parse, CPU nanoseconds each, the best of five rounds
 * of a million texts that were read from JSON.
 *
 *     node -C @lf/source bench/timestamp.ts
 */
import { timestamp } from 'lightflus'

const count = 1_000_000
const rounds = 5

const times = Array.from({ length: count }, (_, at) => new Date(Date.UTC(2026, 0, 1) + at * 3).toISOString())
const texts = (of: (iso: string) => string) => JSON.parse(JSON.stringify(times.map(of))) as string[]

function nanoseconds(parse: (text: string) => number, list: readonly string[]): number {
  let best = Infinity
  let sum = 0
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    for (const text of list) sum += parse(text)
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, ((user + system) / count) * 1_000)
  }
  if (Number.isNaN(sum)) throw new Error('A text was no time')
  return best
}

const iso = texts((time) => time)
const sql = texts((time) => time.slice(0, 23).replace('T', ' '))
const figures = {
  'Date.parse, ISO': nanoseconds((text) => Date.parse(text), iso),
  'timestamp, ISO': nanoseconds(timestamp, iso),
  'timestamp, SQL': nanoseconds(timestamp, sql),
}
for (const [name, ns] of Object.entries(figures)) console.log(`${name.padEnd(16)} ${ns.toFixed(0).padStart(4)} ns`)
