import { KafkaCluster, needs, readCommitted, uniqueName } from '@lightflus/testing/services'
import type { SinkCheckpoints } from '@lightflus/engine'
import { KafkaTools } from '../testing/kafka-tools.ts'
import { sinkContext } from '../testing/test-context.ts'
import { clusterOptions } from './network/cluster-options.ts'
import { KafkaClient } from './network/kafka-client.ts'
import { KafkaSink } from './sink/kafka-sink.ts'
import { Transactions } from './transactions/transactions.ts'

let cluster: KafkaCluster
let tools: KafkaTools
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })

const checkpointsOf = (lineage: string, attempt: number): SinkCheckpoints => ({
  ...{ lineage, attempt, isDurable: true },
  ...{ intervalMs: 1_000, timeoutMs: 60_000 },
})

function sinkTo(topic: string, checkpoints: SinkCheckpoints): KafkaSink {
  const options = { topic, compression: 'none' }
  return new KafkaSink(
    sinkContext({ options, functions: { value: String }, connection: tools.connection, checkpoints }),
  )
}

const nothing = { prepared: [], isCommitted: true, subtasks: [0] }

needs('kafka')('output that was prepared for Kafka', () => {
  beforeAll(async () => {
    cluster = await KafkaCluster.start({ brokers: 1 })
    tools = await KafkaTools.connect(cluster.address(1))
  }, 120_000)
  afterAll(async () => {
    await tools.admin.disconnect()
    await cluster.stop()
  }, 60_000)

  async function prepared(lineage: string) {
    const topic = await tools.topic(1)
    const sink = sinkTo(topic, checkpointsOf(lineage, 1))
    await sink.open()
    await sink.commits!.resume(nothing)
    await sink.write([1, 2, 3], [Date.now(), Date.now(), Date.now()])
    const output = structuredClone(await sink.commits!.prepare(1))
    return { topic, sink, former: { prepared: [{ subtask: 0, attempt: 1, checkpoint: 1, output }], subtasks: [0] } }
  }

  it('is committed by the sink, or by the next attempt, after the broker was killed and is back', async () => {
    const lineage = uniqueName('lineage')
    const { topic, sink, former } = await prepared(lineage)
    await cluster.kill(1)
    await cluster.restart(1)
    await sink.commits!.commit(1)
    await sink.close()
    const next = sinkTo(topic, checkpointsOf(lineage, 2))
    await next.open()
    await next.commits!.resume({ ...former, isCommitted: false })
    await next.close()
    expect(await readCommitted(cluster.address(1), topic, 1)).toEqual([['1', '2', '3']])
  }, 120_000)

  it('is said to be lost where its transaction was aborted, unless it is known to have been committed', async () => {
    const lineage = uniqueName('lineage')
    const { topic, sink, former } = await prepared(lineage)
    await sink.close()
    // As its timeout does.
    const client = new KafkaClient(clusterOptions(tools.connection))
    const transactionalId = `lightflus-${lineage}-sink-1-0-0`
    const { signal } = new AbortController()
    await Transactions.open({ client, transactionalId, timeoutMs: 60_000, signal })
    client.close()
    const next = sinkTo(topic, checkpointsOf(lineage, 2))
    await next.open()
    await expect(next.commits!.resume({ ...former, isCommitted: false })).rejects.toEqual(
      failing('LF_SINK_COMMIT_LOST', transactionalId),
    )
    await next.commits!.resume({ ...former, isCommitted: true })
    await next.close()
  }, 60_000)

  it('is not begun where no transaction may stay open for as long as a checkpoint takes', async () => {
    const topic = await tools.topic(1)
    const sink = sinkTo(topic, { ...checkpointsOf(uniqueName('lineage'), 1), timeoutMs: 20 * 86_400_000 })
    await sink.open()
    await expect(sink.commits!.resume(nothing)).rejects.toEqual(
      failing('LF_KAFKA_TRANSACTION_TIMEOUT', 'transaction.max.timeout.ms'),
    )
    await sink.close()
  }, 60_000)
})
