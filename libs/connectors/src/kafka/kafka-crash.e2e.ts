import { KafkaCluster, needs, until } from '@lightflus/testing/services'
import { drain } from '../testing/drain.ts'
import { topicSource } from '../testing/kafka-traffic.ts'
import { KafkaTools } from '../testing/kafka-tools.ts'
import { sinkContext } from '../testing/test-context.ts'
import { KafkaSink } from './sink/kafka-sink.ts'

const partitions = 3
let cluster: KafkaCluster
let tools: KafkaTools

needs('kafka')('a broker that crashes while much is under way', () => {
  beforeAll(async () => {
    cluster = await KafkaCluster.start({ brokers: 1 })
    tools = await KafkaTools.connect(cluster.address(1))
  }, 120_000)
  afterAll(async () => {
    await tools.admin.disconnect()
    await cluster.stop()
  }, 60_000)

  it.each(['none', 'zstd'] as const)(
    'has everything once and in order when it is back, written in %s',
    async (compression) => {
      const topic = await tools.topic(partitions)
      const functions = { value: String, partition: (value: unknown) => (value as number) % partitions }
      const options = { topic, compression }
      const sink = new KafkaSink(sinkContext({ options, connection: tools.connection, functions }))
      await sink.open()
      let written = 0
      let isEnding = false
      const writing = (async () => {
        while (!isEnding) {
          const numbers = Array.from({ length: 500 }, (_, at) => written + at)
          await sink.write(
            numbers,
            // Brokers forget a producer by the age of its records' timestamps, here when they come back.
            numbers.map(() => Date.now()),
          )
          written += numbers.length
          await new Promise(setImmediate)
        }
      })()
      writing.catch(() => undefined)
      const more = async () => {
        const before = written
        await Promise.race([until(() => written > before + 10_000, { what: 'records to flow on' }), writing])
      }
      for (let crashes = 0; crashes < 2; crashes++) {
        await more()
        await cluster.kill(1)
        await cluster.restart(1)
      }
      await more()
      isEnding = true
      await writing
      await sink.flush()
      await sink.close()
      const source = topicSource(tools.connection, topic, true)
      await source.open(undefined)
      const read = await drain(source, new Map(), { recordsMax: 10_000, deadlineMs: 40_000 })
      await source.close()
      for (let partition = 0; partition < partitions; partition++) {
        const expected = Array.from(
          { length: Math.ceil((written - partition) / partitions) },
          (_, at) => at * partitions + partition,
        )
        const records = read.get(`${topic}/${partition}`)!
        // Said in short where it fails: there are many.
        const first = records.findIndex((value, at) => Number(value) !== expected[at])
        expect({ partition, first, count: records.length }).toEqual({
          partition,
          first: -1,
          count: expected.length,
        })
      }
    },
    120_000,
  )
})
