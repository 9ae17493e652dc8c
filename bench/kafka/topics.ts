import { Kafka, logLevel, type Admin } from 'kafkajs'

export const partitionCount = 4
/** Events in a row that lie in one partition, as a producer's batches would. */
const blockEvents = 50
const batchRecords = 1_000

/** A client that shares no code with what is measured. */
export const clientOf = (bootstrap: string): Kafka =>
  new Kafka({ clientId: 'bench', brokers: [bootstrap], logLevel: logLevel.ERROR })

export async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

export function createTopic(kafka: Kafka, topic: string): Promise<boolean> {
  return withAdmin(kafka, (admin) =>
    admin.createTopics({
      topics: [
        {
          topic,
          numPartitions: partitionCount,
          replicationFactor: 1,
          configEntries: [{ name: 'retention.ms', value: '-1' }],
        },
      ],
    }),
  )
}

/** Records in all partitions of a topic; undefined where there is no such topic. */
export async function sizeOf(kafka: Kafka, topic: string): Promise<number | undefined> {
  return withAdmin(kafka, async (admin) => {
    if (!(await admin.listTopics()).includes(topic)) return undefined
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
  })
}

/**
 * Loads values from number 0, in blocks to each partition in turn, each with the event time of Nexmark's event of that
 * number: unless they are there.
 */
export async function load(kafka: Kafka, topic: string, events: number, valueOf: (n: number) => string): Promise<void> {
  const present = await sizeOf(kafka, topic)
  if (present === events) return
  if (present !== undefined) throw new Error(`Topic ${topic} holds ${present} records, not ${events}: name another`)
  await createTopic(kafka, topic)
  const producer = kafka.producer({ idempotent: true })
  await producer.connect()
  const baseMs = Date.UTC(2026, 0, 1)
  for (let from = 0; from < events; from += batchRecords * partitionCount) {
    const partitions = Array.from({ length: partitionCount }, (): { value: string; timestamp: string }[] => [])
    const end = Math.min(from + batchRecords * partitionCount, events)
    for (let n = from; n < end; n++) {
      const timestamp = String(baseMs + Math.floor(n / 10))
      partitions[Math.floor(n / blockEvents) % partitionCount]!.push({ value: valueOf(n), timestamp })
    }
    const messages = partitions.flatMap((records, partition) => records.map((record) => ({ ...record, partition })))
    await producer.send({ topic, messages })
  }
  await producer.disconnect()
}

const quietMs = 5_000

/** Every record's value in a topic whose size is known. */
export async function eachValue(kafka: Kafka, topic: string, take: (value: Buffer) => void): Promise<number> {
  const size = await sizeOf(kafka, topic)
  if (size === undefined) throw new Error(`There is no topic ${topic}`)
  if (size === 0) return 0
  // Nothing is open or aborted any more, and to this reader transactions are a hindrance.
  const consumer = kafka.consumer({ groupId: `bench-${topic}`, maxWaitTimeInMs: 100, readUncommitted: true })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  let read = 0
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
    // The last offsets may be the marks of transactions, which no reader is given: then nothing more comes.
    const quiet = setTimeout(resolve, quietMs)
    void consumer.run({
      eachBatch: async ({ batch }) => {
        for (const { value } of batch.messages) take(value!)
        read += batch.messages.length
        if (read < size) return void quiet.refresh()
        clearTimeout(quiet)
        resolve()
      },
    })
  })
  await consumer.disconnect()
  return read
}
