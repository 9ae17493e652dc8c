import { parseArgs } from 'node:util'
import { join } from 'node:path'
import type { ConnectorContext, EncodedRecords, SinkWriter, Connector } from '@lightflus/engine'
import { clientOf, createTopic, partitionCount, withAdmin } from './kafka/topics.ts'
import { median } from './measure.ts'

/**
 * `node -C @lf/source bench/kafka-write.ts --bootstrap HOST:PORT [--records 500000] [--runs 3] [--compression none]
 * [--before FOLDER]`: what the Kafka sink takes of CPU for a record, from what the program yields to the broker's
 * acknowledgement, and how many records a second that makes on a machine that the broker shares. Warm: a tenth of the
 * records goes before. With `--before`, the root of an older copy of this repository, its sink is measured in turn.
 */
const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string' },
    records: { type: 'string', default: '500000' },
    runs: { type: 'string', default: '3' },
    compression: { type: 'string', default: 'none' },
    before: { type: 'string' },
  },
})
if (values.bootstrap === undefined) throw new Error('Say where a broker is: --bootstrap localhost:9092')
const { bootstrap, compression } = values
const kafka = clientOf(bootstrap)
const records = Number(values.records)
const batch = 1_000

const bids = Array.from({ length: batch }, (_, at) => ({
  auction: 1_000 + at,
  bidder: 2_000 + ((at * 7_919) % 100_000),
  price: (at * 104_729) % 10_000_000,
  channel: at % 3 === 0 ? 'Google' : 'channel-6237',
  url: `https://www.nexmark.com/item.htm?query=1&channel_id=${at * 1_000_003}`,
  dateTime: '2026-11-23 16:00:00.000',
  extra: 'x'.repeat(40 + (at % 40)),
}))
const texts = bids.map((bid) => Buffer.from(JSON.stringify(bid)))
const encoded: EncodedRecords = {
  length: batch,
  bytes: Buffer.concat(texts),
  starts: Int32Array.from(texts, (_, at) => texts.slice(0, at).reduce((sum, { length }) => sum + length, 0)),
  ends: Int32Array.from(texts, (_, at) => texts.slice(0, at + 1).reduce((sum, { length }) => sum + length, 0)),
}
const timestamps = bids.map((_, at) => 1_700_000_000_000 + at)

type Functions = ConnectorContext<'sink'>['operator']['functions']
interface Case {
  readonly name: string
  readonly functions: Functions
  readonly write: (writer: SinkWriter) => void | Promise<void>
  readonly isNew?: boolean
}
const value = (bid: unknown) => bid
const cases: readonly Case[] = [
  { name: 'objects', functions: { value }, write: (writer) => writer.write(bids, timestamps, undefined) },
  {
    name: 'objects by key',
    functions: { value, key: ({ bidder }: (typeof bids)[0]) => String(bidder) },
    write: (writer) => writer.write(bids, timestamps, undefined),
  },
  { name: 'encoded', functions: { value }, isNew: true, write: (writer) => writer.writeEncoded!(encoded, timestamps) },
]

const connectorAt = async (root: string): Promise<Connector> =>
  ((await import(join(root, 'libs/connectors/src/kafka/kafka-connector.ts'))) as { kafkaConnector: Connector })
    .kafkaConnector

interface Figures {
  readonly cpuMicros: number
  readonly recordsPerSecond: number
}

async function measureOne({ createSink }: Connector, { functions, write }: Case): Promise<Figures> {
  const topic = `bench-write-${Date.now()}`
  await createTopic(kafka, topic)
  const options = { onError: 'fail', connector: { topic, compression, changelog: null } }
  const context = {
    job: 'bench',
    connection: { name: 'bench', kind: 'kafka', options: { brokers: [bootstrap] } },
    operator: { node: { id: 'sink', kind: 'sink', named: false, options }, functions },
    subtask: { index: 0, parallelism: 1 },
    clock: { now: () => Date.now() },
    signal: new AbortController().signal,
    wake: () => undefined,
    rejectRecord: (thrown: unknown) => {
      throw thrown
    },
    log: () => undefined,
    publishRows: () => undefined,
  } as unknown as ConnectorContext<'sink'>
  const writer = createSink!(context)
  await writer.open()
  const writeAll = async (count: number) => {
    for (let written = 0; written < count; written += batch) await write(writer)
    await writer.flush()
  }
  await writeAll(records / 10)
  const [cpu, startedAt] = [process.cpuUsage(), performance.now()]
  await writeAll(records)
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - startedAt) / 1_000
  await writer.close()
  await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [topic] }))
  return { cpuMicros: (user + system) / records, recordsPerSecond: records / seconds }
}

const versions: [string, Connector][] = [['now', await connectorAt(join(import.meta.dirname, '..'))]]
if (values.before) versions.unshift(['before', await connectorAt(values.before)])
const figures = new Map<string, Figures[]>()
for (let run = 0; run < Number(values.runs); run++)
  for (const one of cases)
    for (const [version, connector] of versions) {
      if (version === 'before' && one.isNew) continue
      const name = `${one.name.padEnd(16)} ${version.padEnd(8)}`
      figures.set(name, [...(figures.get(name) ?? []), await measureOne(connector, one)])
    }
console.log(
  `${encoded.bytes.length / batch} bytes a record, ${compression}, ${partitionCount} partitions; medians of ${values.runs}`,
)
for (const [name, runs] of figures) {
  const cpu = median(runs.map(({ cpuMicros }) => cpuMicros))
  const rate = median(runs.map(({ recordsPerSecond }) => recordsPerSecond))
  console.log(`${name} ${cpu.toFixed(3)} µs CPU a record, ${(rate / 1e6).toFixed(2)} M records/s`)
}
