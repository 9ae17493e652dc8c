import { freePort, KafkaCluster, needs, until } from '@lightflus/testing/services'
import { ClusterTools, type Replicas } from '../testing/cluster-tools.ts'
import { drain } from '../testing/drain.ts'
import { numberSink, topicSource, Traffic } from '../testing/kafka-traffic.ts'
import { KafkaTools } from '../testing/kafka-tools.ts'

let cluster: KafkaCluster
let tools: ClusterTools
let kafkajs: KafkaTools

needs('kafka')('a cluster of three brokers', () => {
  beforeAll(async () => {
    cluster = await KafkaCluster.start({ brokers: 3 })
    tools = await ClusterTools.connect(cluster)
    kafkajs = await KafkaTools.connect(cluster.address(1))
  }, 120_000)
  afterAll(async () => {
    tools.close()
    await kafkajs.admin.disconnect()
    await cluster.stop()
  }, 60_000)

  it('is written and read at the leaders of its partitions', async () => {
    const topic = await tools.topic([
      [1, 3],
      [2, 1],
      [3, 2],
      [2, 3],
    ])
    await tools.ledBy(topic, [1, 2, 3, 2])
    const sink = numberSink(tools.connection, topic, 4)
    await sink.open()
    const numbers = Array.from({ length: 400 }, (_, at) => at)
    await sink.write(
      numbers,
      numbers.map(() => 1_700_000_000_000),
    )
    await sink.flush()
    await sink.close()
    const written = await kafkajs.readAll(topic)
    for (const partition of [0, 1, 2, 3])
      expect(
        written
          .get(partition)!
          .map(({ value }) => Number(value))
          .sort((a, b) => a - b),
      ).toEqual(numbers.filter((number) => number % 4 === partition))
    await kafkajs.send(
      topic,
      [0, 1, 2, 3].map((partition) => ({ value: `last of ${partition}`, partition })),
    )
    const source = topicSource(tools.connection, topic, true)
    await source.open(undefined)
    const read = await drain(source, new Map())
    expect([0, 1, 2, 3].map((partition) => String(read.get(`${topic}/${partition}`)!.at(-1)))).toEqual(
      [0, 1, 2, 3].map((partition) => `last of ${partition}`),
    )
    expect([...read.values()].flat()).toHaveLength(404)
    await source.close()
  })

  it('loses, repeats and misplaces nothing while brokers crash, come back elsewhere, and leaders move', async () => {
    const replicas: Replicas = [
      [2, 3],
      [3, 2],
      [2, 1],
      [1, 3],
    ]
    const topic = await tools.topic(replicas, { 'min.insync.replicas': '1' })
    const traffic = new Traffic(tools.connection, topic, replicas.length)
    await traffic.start()
    // A leader crashes: others take over what it led.
    await cluster.kill(2)
    await tools.ledBy(topic, [3, 3, 1, 1])
    await traffic.more()
    // It comes back at another port, and gets back what it led.
    await cluster.restart(2, await freePort())
    await tools.inSync(topic, replicas)
    await tools.electPreferred(topic, [0, 1, 2, 3])
    await tools.ledBy(topic, [2, 3, 2, 1])
    await traffic.more()
    // Partitions move to brokers that never had them.
    const moved: Replicas = [
      [1, 3],
      [2, 1],
      [3, 1],
      [2, 3],
    ]
    await tools.move(topic, moved)
    await tools.inSync(topic, moved)
    await tools.ledBy(topic, [1, 2, 3, 2])
    await traffic.more()
    await traffic.end()
  }, 90_000)

  it('takes no record while too few replicas have it, and every one of them afterwards', async () => {
    const replicas: Replicas = [
      [1, 3],
      [2, 3],
    ]
    const topic = await tools.topic(replicas, { 'min.insync.replicas': '2' })
    const traffic = new Traffic(tools.connection, topic, replicas.length)
    await traffic.start()
    await cluster.kill(3)
    await until(async () => (await tools.partitions(topic)).every(({ inSync }) => inSync.length === 1), {
      what: 'the follower to count as lost',
    })
    const { written } = traffic
    await cluster.restart(3)
    // What was acknowledged meanwhile is at most what was under way when the follower went.
    expect(traffic.written).toBeLessThanOrEqual(written + 60)
    await tools.inSync(topic, replicas)
    await traffic.more()
    await traffic.end()
  }, 90_000)

  it('tells a topic from another that was made under its name, wherever that one lies', async () => {
    const topic = await tools.topic([[2, 3]])
    const source = topicSource(tools.connection, topic)
    await source.open(undefined)
    await kafkajs.send(topic, [{ value: 'of the first' }])
    await drain(source, new Map(), { count: 1 })
    await tools.deleteTopic(topic)
    await until(() => tools.topic([[3, 1]], {}, topic), { what: 'the name to be free' })
    await kafkajs.send(topic, [{ value: 'a' }, { value: 'b' }])
    const failure = await until(() => thrownBy(() => source.poll(10)), { what: 'the source to notice' })
    expect(failure).toMatchObject({ code: 'LF_KAFKA_TOPIC_RECREATED' })
    await source.close()
  })
})

function thrownBy(call: () => unknown): unknown {
  try {
    expect(call()).toBeUndefined()
    return undefined
  } catch (thrown) {
    return thrown
  }
}
