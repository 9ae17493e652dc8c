import type { ResolvedConnection } from '@lightflus/engine'
import { uniqueName, until } from '@lightflus/testing/services'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import kafkajs, { Kafka, logLevel, type Admin, type KafkaMessage, type Message } from 'kafkajs'

// Of the codecs it brings but gzip.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: ({ buffer }: { buffer: Buffer }) => promisify(zstdCompress)(buffer),
  decompress: (buffer: Buffer) => promisify(zstdDecompress)(buffer),
})

/** Another client than ours on the same cluster: what it writes we must read, and what we write it must read. */
export class KafkaTools {
  readonly bootstrap: string
  readonly admin: Admin
  readonly #kafka: Kafka
  readonly #topics: string[] = []

  private constructor(bootstrap: string) {
    this.bootstrap = bootstrap
    this.#kafka = new Kafka({ brokers: [bootstrap], clientId: 'test', logLevel: logLevel.NOTHING })
    this.admin = this.#kafka.admin()
  }

  static async connect(bootstrap: string): Promise<KafkaTools> {
    const tools = new KafkaTools(bootstrap)
    await tools.admin.connect()
    return tools
  }

  get connection(): ResolvedConnection {
    return { name: 'shop', kind: 'kafka', options: { brokers: [this.bootstrap] } }
  }

  /** A new topic, removed by {@link close}. */
  async topic(partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = uniqueName('connectors')
    this.#topics.push(topic)
    await this.create(topic, partitions, config)
    return topic
  }

  async create(topic: string, numPartitions: number, config: Readonly<Record<string, string>> = {}): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    await this.admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: false })
    // Its own wait fails when the broker has not heard of the topic yet, and ends before the leaders know their part.
    await until(async () => (await this.admin.fetchTopicOffsets(topic)).length === numPartitions, {
      what: `leaders of topic ${topic}`,
    })
  }

  async send(topic: string, messages: Message[]): Promise<void> {
    // One for each call: a producer asks for all topics it ever wrote, and fails when one of them has been deleted.
    const producer = this.#kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    await producer.send({ topic, messages })
    await producer.disconnect()
  }

  async deleteRecords(topic: string, partition: number, before: string): Promise<void> {
    // Without it the client does not know the leader.
    await this.admin.fetchTopicOffsets(topic)
    await this.admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: before }] })
  }

  /** A member of a group, which keeps others from committing for the group. */
  async joinGroup(group: string, topic: string): Promise<{ leave: () => Promise<void> }> {
    const consumer = this.#kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
    await consumer.connect()
    await consumer.subscribe({ topic })
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
    await consumer.run({ eachMessage: () => Promise.resolve() })
    await joined
    return { leave: () => consumer.disconnect() }
  }

  /** Everything in a topic now, by partition, as committed readers see it. */
  async readAll(topic: string): Promise<Map<number, KafkaMessage[]>> {
    const ends = await this.admin.fetchTopicOffsets(topic)
    const left = new Map(ends.map(({ partition, high, low }) => [partition, Number(high) - Number(low)]))
    const read = new Map<number, KafkaMessage[]>([...left.keys()].map((partition) => [partition, []]))
    const total = [...left.values()].reduce((a, b) => a + b, 0)
    if (total === 0) return read
    const consumer = this.#kafka.consumer({ groupId: uniqueName('reader'), maxWaitTimeInMs: 100 })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    let count = 0
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Only ${count} of ${total} messages came`)), 20_000)
      void consumer.run({
        eachMessage: ({ partition, message }) => {
          read.get(partition)!.push(message)
          if (++count === total) {
            clearTimeout(timer)
            resolve()
          }
          return Promise.resolve()
        },
      })
    })
    await consumer.disconnect()
    return read
  }

  /**
   * The values of each partition that readers of committed data see, in their order. It waits behind open transactions.
   */
  async readCommitted(topic: string, partitions: number): Promise<string[][]> {
    const last = uniqueName('last')
    await this.send(
      topic,
      Array.from({ length: partitions }, (_, partition) => ({ value: last, partition })),
    )
    const read = Array.from({ length: partitions }, (): string[] => [])
    const consumer = this.#kafka.consumer({ groupId: uniqueName('reader'), maxWaitTimeInMs: 100 })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    const ended = new Set<number>()
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Only ${ended.size} partitions could be read to their end`)),
        20_000,
      )
      void consumer.run({
        eachMessage: ({ partition, message }) => {
          const value = String(message.value)
          if (value === last) ended.add(partition)
          else if (!value.startsWith('last_')) read[partition]!.push(value)
          if (ended.size === partitions) {
            clearTimeout(timer)
            resolve()
          }
          return Promise.resolve()
        },
      })
    })
    await consumer.disconnect()
    return read
  }

  async close(): Promise<void> {
    const existing = new Set(await this.admin.listTopics())
    await this.admin.deleteTopics({ topics: this.#topics.filter((topic) => existing.has(topic)) })
    await this.admin.disconnect()
  }
}
