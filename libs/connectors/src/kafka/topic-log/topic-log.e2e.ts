import { uniqueName, until } from '@lightflus/testing/services'
import { KafkaTools } from '../../testing/kafka-tools.ts'
import type { TopicLog } from './topic-log.ts'
import { TopicLogs } from './topic-logs.ts'

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? ''

describe('a topic that is a log of our own', () => {
  const { signal } = new AbortController()
  const names = [uniqueName('log'), uniqueName('log')]
  let tools: KafkaTools
  let topics: TopicLogs
  const opened: TopicLog[] = []
  beforeAll(async () => {
    tools = await KafkaTools.connect(bootstrap)
    topics = new TopicLogs(tools.connection)
  })
  afterAll(async () => {
    for (const log of opened) log.close()
    await topics.remove(names, signal)
    await tools.admin.disconnect()
  })

  const open = async (): Promise<TopicLog | undefined> => {
    const log = await topics.open(names[0]!, { signal, onFailure: (error) => failures.push(error) })
    if (log) opened.push(log)
    return log
  }
  const failures: Error[] = []

  it('is not there before it is made, and is made once', async () => {
    expect(await open()).toBeUndefined()
    await topics.create(names, 2, signal)
    await topics.create(names, 2, signal)
    expect(await open()).toBeDefined()
    const { topics: made } = await tools.admin.fetchTopicMetadata({ topics: [names[0]!] })
    expect(made[0]!.partitions).toHaveLength(2)
  })

  it('gives the reader of a partition what was written behind a place, in order and once, and deletes what was read', async () => {
    const writer = (await open())!
    const reader = (await open())!
    writer.append(1, Buffer.from('before'))
    writer.append(0, Buffer.from('of another'))
    await writer.flush()
    const from = await reader.end(1)
    expect(from).toBe(1)
    const large = Buffer.alloc(300_000, 'x')
    const expected = Array.from({ length: 40 }, (_, index) => `${index} ${index % 5 === 0 ? large.toString() : ''}`)
    const read: string[] = []
    reader.follow(1, from, (record) => void read.push(record.toString()))
    for (const each of expected) writer.append(1, Buffer.from(each))
    await until(() => read.length >= expected.length, { what: 'all records' })
    expect(read).toEqual(expected)
    await until(
      async () =>
        (await tools.admin.fetchTopicOffsets(names[0]!)).find(({ partition }) => partition === 1)?.low === '1',
      {
        what: 'the deletion of what lies before',
      },
    )
    expect(failures).toEqual([])
  })

  it('says to whoever follows it that it was deleted and made anew', async () => {
    const reader = (await open())!
    reader.follow(0, await reader.end(0), () => {})
    await topics.remove(names, signal)
    await topics.create(names, 2, signal)
    await until(() => failures.length > 0, { what: 'the failure' })
    expect(failures).toContainEqual(expect.objectContaining({ code: 'LF_KAFKA_TOPIC_RECREATED' }))
  })
})
