/**
 * What a query costs from bytes in memory to bytes in memory: decoding, the query at parallelism 1, and the making of the
 * texts that a Kafka sink would write; no broker. Run it with
 *
 *   node bench/nexmark/measure-chains.ts QUERY [events] [rounds]
 *
 * It prints CPU seconds for a million events, the least of several rounds in turn, as generated code and operator by
 * operator with JSON.parse and JSON.stringify; and fails when the two do not write the same.
 */
import { createHash } from 'node:crypto'
import type { EncodedRecords } from '@lightflus/engine'
import type { JobDefinition } from 'lightflus'
import { runInThread, type Records } from '../thread-run.ts'
import { packedEvents } from './packed-events.ts'
import { configure } from './settings.ts'
import { sides } from './side-input.ts'

const [name, events = '300000', rounds = '5'] = process.argv.slice(2)
configure({
  source: { kind: 'kafka', topic: 'events', bounded: true },
  sink: { kind: 'kafka', topic: 'results' },
})
const count = Number(events)
const packed: Records = { count, at: () => undefined, packed: packedEvents(count) }
const listed = (all: readonly unknown[]): Records => ({ count: all.length, at: (index) => all[index] })

const { default: query } = (await import(`./queries/${name}.ts`)) as { default: JobDefinition }

const least = { generated: Infinity, plain: Infinity }
const ways = Object.keys(least) as (keyof typeof least)[]
const run = async (way: keyof typeof least, onText: (texts: EncodedRecords) => void) => {
  const { cpuSeconds } = await runInThread(query, {
    recordsOf: (source) => (source === 'events' ? packed : listed(sides)),
    write: () => {},
    writeTexts: onText,
    interpreted: way === 'plain',
  })
  return (cpuSeconds * 1e6) / count
}

const digests = new Map<string, string>()
for (const way of ways) {
  const hash = createHash('sha256')
  let rows = 0
  await run(way, ({ length, bytes: all, starts: from, ends: to }) => {
    rows += length
    for (let index = 0; index < length; index++) hash.update(all.subarray(from[index], to[index])).update('\n')
  })
  digests.set(way, `${rows} rows, ${hash.digest('hex')}`)
}
if (digests.get('generated') !== digests.get('plain')) throw new Error(`Not the same: ${JSON.stringify([...digests])}`)

let written = 0
for (let round = 0; round < Number(rounds); round++)
  for (const way of ways)
    least[way] = Math.min(least[way], await run(way, ({ length, ends: to }) => void (written += to[length - 1])))
const ratio = least.plain / least.generated
console.log(
  `${name.padEnd(5)} generated ${least.generated.toFixed(3)} plain ${least.plain.toFixed(3)} CPU s/M, ${ratio.toFixed(1)} times;` +
    ` ${(written / count / Number(rounds) / 2).toFixed(0)} bytes an event written`,
)
