import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Connector, ConnectorContext, SourceReader } from '@lightflus/engine'
import { KafkaClient } from '../libs/connectors/src/kafka/network/kafka-client.ts'
import { AnswerBuffers } from '../libs/connectors/src/kafka/network/answer-buffers.ts'
import { latest } from '../libs/connectors/src/kafka/protocol/offsets.ts'
import { PackedValues } from '../libs/connectors/src/kafka/records/packed-values.ts'
import { RecordSet } from '../libs/connectors/src/kafka/records/record-set.ts'
import { KafkaSource } from '../libs/connectors/src/kafka/source/kafka-source.ts'
import { clientOf, load } from './kafka/topics.ts'
import { median } from './measure.ts'
import { nexmarkEvents } from './nexmark/generator.ts'

/**
 * `node -C @lf/source bench/kafka-read.ts --bootstrap HOST:PORT [--events 1000000] [--runs 5] [--topic NAME] [--before FOLDER]`:
 * what reading takes of CPU for a record: batches whose seals are checked, those with the places of all values in them, and
 * records as the source hands them to the engine, 1,024 at a time. `nexmark-EVENTS` is loaded where it is not there; another topic must be. With
 * `--before`, the root of an older copy of this repository, its source is measured in turn. What came is told, too, and
 * how much memory the source took for it.
 */
const { values: options } = parseArgs({
  options: {
    bootstrap: { type: 'string' },
    events: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '5' },
    topic: { type: 'string' },
    before: { type: 'string' },
  },
})
if (options.bootstrap === undefined) throw new Error('Say where a broker is: --bootstrap localhost:9092')
const { bootstrap } = options
const topic = options.topic ?? `nexmark-${options.events}`
if (options.topic === undefined) await load(clientOf(bootstrap), topic, Number(options.events), nexmarkEvents())
const recordsMax = 1_024

/** Adds up what answers and expanded batches take. */
class CountedBuffers extends AnswerBuffers {
  lentInAll = 0
  peakBytes = 0

  override lend(length: number): ReturnType<AnswerBuffers['lend']> {
    this.lentInAll += length
    const lent = super.lend(length)
    this.peakBytes = Math.max(this.peakBytes, this.totalBytes)
    return lent
  }
}

interface Count {
  readonly records: number
  readonly buffers?: CountedBuffers
}

async function readSets(take: (set: RecordSet) => number): Promise<Count> {
  const [host, port] = bootstrap.split(':')
  const seeds = [{ host: host!, port: Number(port) }]
  const client = new KafkaClient({ connection: 'bench', seeds, tls: undefined, sasl: undefined })
  const buffers = new CountedBuffers()
  const { id, name, error, partitions } = await client.topic(topic)
  const numbers = partitions.map(({ number }) => number)
  const ends = await client.offsets({ id, name, error, partitions }, numbers, latest)
  const next = new Map(numbers.map((number) => [number, 0]))
  let records = 0
  for (let round = 0; ; round++) {
    const left = numbers.filter((number) => next.get(number)! < ends.get(number)!)
    if (left.length === 0) break
    const turned = [...left.slice(round % left.length), ...left.slice(0, round % left.length)]
    const asked = turned.map((partition) => ({ partition, offset: next.get(partition)!, bytesMax: 1_048_576 }))
    const request = { topicId: id, waitMs: 500, bytesMax: 2_097_152, partitions: asked }
    const { partitions: fetched, lent } = await client.fetch(partitions[0]!.leader, request, buffers)
    for (const one of fetched) {
      const set = new RecordSet(one, next.get(one.partition)!, topic, { lent, buffers })
      records += take(set)
      next.set(one.partition, Math.max(set.end, next.get(one.partition)!))
      set.close()
    }
    lent.release()
  }
  client.close()
  return { records, buffers }
}

const values = new PackedValues()
function placesIn(set: RecordSet): number {
  for (let records = 0; ; records += values.length) {
    values.begin(recordsMax, false)
    set.fill(values, recordsMax, Infinity)
    if (values.length === 0) return records
  }
}

type CreateSource = (context: ConnectorContext<'source'>) => SourceReader

async function readBySource(create: CreateSource, buffers?: CountedBuffers): Promise<Count> {
  let wake: () => void = () => undefined
  const connector = { topic, start: 'earliest', group: null, envelope: false, bounded: true }
  const context = {
    job: 'bench',
    connection: { name: 'bench', kind: 'kafka', options: { brokers: [bootstrap] } },
    operator: {
      node: { id: 'source', kind: 'source', named: false, options: { connector } },
      functions: { decode: () => 0, eventTime: () => 0 },
    },
    subtask: { index: 0, parallelism: 1 },
    clock: { now: () => Date.now() },
    signal: new AbortController().signal,
    wake: () => wake(),
    log: () => undefined,
  } as unknown as ConnectorContext<'source'>
  const source = create(context)
  await source.open(undefined)
  let records = 0
  while (!source.partitions().every(({ ended }) => ended)) {
    const batch = await source.poll(recordsMax)
    records += batch?.payloads.length ?? 0
    if (batch) await new Promise((resolve) => setImmediate(resolve))
    else await new Promise<void>((resolve) => (wake = resolve))
  }
  await source.close()
  return { records, ...(buffers && { buffers }) }
}

const connectorAt = async (root: string): Promise<Connector> =>
  ((await import(join(root, 'libs/connectors/src/kafka/kafka-connector.ts'))) as { kafkaConnector: Connector })
    .kafkaConnector

const before = options.before === undefined ? undefined : await connectorAt(options.before)
const cases: [string, () => Promise<Count>][] = [
  ['batches, seals checked', () => readSets(() => 0)],
  ['with the places of all values', () => readSets(placesIn)],
  [
    'source',
    () => {
      const buffers = new CountedBuffers()
      return readBySource((context) => new KafkaSource(context, buffers), buffers)
    },
  ],
]
if (before) cases.push(['source before', () => readBySource(before.createSource!)])
const micros = new Map<string, number[]>(cases.map(([name]) => [name, []]))
let came = ''
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
for (let run = 0; run < Number(options.runs); run++)
  for (const [name, read] of cases) {
    const cpu = process.cpuUsage()
    const { records, buffers } = await read()
    const { user, system } = process.cpuUsage(cpu)
    micros.get(name)!.push((user + system) / (records || Number(options.events)))
    if (name === 'source')
      came = `${records} records, ${megabytes(buffers!.lentInAll)} came or was expanded, in ${megabytes(buffers!.peakBytes)} of buffers`
  }
console.log(`${topic}: ${came}; medians of ${options.runs}`)
for (const [name, runs] of micros) console.log(`${name.padEnd(36)} ${median(runs).toFixed(3)} µs CPU a record`)
