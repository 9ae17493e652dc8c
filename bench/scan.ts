/**
 * What finding a query's fields in Nexmark's events costs, beside JSON.parse: nanoseconds of CPU a record, medians of
 * rounds that take turns, all in one process.
 *
 *     node -C @lf/source bench/scan.ts [rounds]
 */
import { Buffer } from 'node:buffer'
import { createJsonScanner } from '../libs/engine/src/scan/json-scanner.ts'
import { everything, nothing, type Demand } from '../libs/engine/src/field-use/demand.ts'
import type { PackedPayloads } from '../libs/engine/src/connector.ts'
import type { ScanDemand } from '../libs/engine/src/scan/scan-types.ts'
import { median } from './measure.ts'
import { nexmarkEvents } from './nexmark/generator.ts'

const records = 50_000
const rounds = Number(process.argv[2] ?? 9)
/** Bytes between two records in Kafka's batches, about. */
const gap = 8

type Fields = { readonly [name: string]: Demand | Fields }
const text: Demand = { ...nothing, text: true }
const isDemand = (fields: Demand | Fields): fields is Demand => typeof fields['whole'] === 'boolean'

function demandOf(fields: Demand | Fields): ScanDemand {
  if (isDemand(fields)) return { demand: fields, fields: new Map() }
  const inner = Object.entries(fields).map(([name, each]) => [name, demandOf(each)] as const)
  return {
    demand: { ...nothing, fields: new Map(inner.map(([name, { demand }]) => [name, demand])) },
    fields: new Map(inner),
  }
}

/** Queries' demands; those with a time also read it of all kinds of events, for their watermarks. */
const demands: { readonly [query: string]: Fields } = {
  q0: { bid: { auction: text, bidder: text, price: text, dateTime: text, extra: text } },
  q1: { bid: { auction: text, bidder: text, price: everything, dateTime: text, extra: text } },
  q2: { bid: { auction: everything, price: text } },
  q5: {
    bid: { auction: everything, dateTime: everything },
    auction: { dateTime: everything },
    person: { dateTime: everything },
  },
  q22: { bid: { auction: everything, bidder: everything, price: everything, channel: everything, url: everything } },
}

function pack(texts: readonly string[]): PackedPayloads {
  const starts = new Int32Array(texts.length)
  const ends = new Int32Array(texts.length)
  const parts: Buffer[] = []
  let at = 0
  for (const [index, each] of texts.entries()) {
    const part = Buffer.concat([Buffer.alloc(gap), Buffer.from(each)])
    parts.push(part)
    starts[index] = at + gap
    ends[index] = at += part.length
  }
  return { length: texts.length, bytes: new Uint8Array(Buffer.concat(parts)), starts, ends }
}

/** As libs/runtime gives it. */
function readTexts({ buffer, byteOffset, byteLength }: Uint8Array) {
  const bytes = Buffer.from(buffer, byteOffset, byteLength) as unknown as Record<
    'latin1Slice' | 'utf8Slice',
    (start: number, end: number) => string
  >
  return (start: number, end: number, isAscii: boolean) =>
    isAscii ? bytes.latin1Slice(start, end) : bytes.utf8Slice(start, end)
}

const event = nexmarkEvents({ seed: 7 })
const events = Array.from({ length: records }, (_, n) => event(n))
const payloads = pack(events)
let sink: unknown

function parseAll(): void {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let index = 0; index < payloads.length; index++)
    sink = JSON.parse(decoder.decode(payloads.bytes.subarray(payloads.starts[index], payloads.ends[index])))
}

const perRecord = (run: () => void): number => {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / records
}

const cases = Object.entries(demands).map(([query, fields]) => {
  const scanner = createJsonScanner(demandOf(fields), { title: query, host: { readTexts } })!
  let left = 0
  const scan = (make: boolean) => () => {
    for (let from = 0; from < payloads.length;) {
      const rows = scanner.scan(payloads, from, payloads.length)
      const { scanned } = scanner.columns
      for (let row = 0; row < rows; row++)
        if (scanned[row] === 0) left++
        else if (make) sink = scanner.record(row)
      from += rows
    }
  }
  return {
    query,
    scan: scan(false),
    record: scan(true),
    left: () => left,
    figures: { parse: [] as number[], scan: [] as number[], record: [] as number[] },
  }
})

for (let round = -3; round < rounds; round++)
  for (const { scan, record, figures } of cases) {
    const found = { parse: perRecord(parseAll), scan: perRecord(scan), record: perRecord(record) }
    if (round < 0) continue
    for (const [name, value] of Object.entries(found)) figures[name as keyof typeof figures].push(value)
  }

const bytes = Math.round(payloads.bytes.length / records - gap)
console.log(`${records} events of ${bytes} bytes, ns a record; ${rounds} rounds`)
console.log('query  JSON.parse  scan  scan and record  ratio')
for (const { query, figures, left } of cases) {
  const [parse, scan, record] = [median(figures.parse), median(figures.scan), median(figures.record)]
  const row = [
    query.padEnd(5),
    parse.toFixed(0).padStart(11),
    scan.toFixed(0).padStart(5),
    record.toFixed(0).padStart(16),
    (parse / record).toFixed(1).padStart(6),
  ]
  console.log(`${row.join(' ')}${left() ? `  ${left()} left to the plain path` : ''}`)
}
if (sink === undefined) console.log()
