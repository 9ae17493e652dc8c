import type { Redis } from 'ioredis'
import type { ConnectorContext, SinkWriter } from '@lightflus/engine'
import { BatchWriter } from '../batch-writer.ts'
import { connectionOf } from '../connection-options.ts'
import { connectRedis, peerOf } from './redis-client.ts'
import { recordCommands, type RecordCommands, type RedisSinkOptions } from './redis-command.ts'
import { redisError } from './redis-errors.ts'

/** Records in one pipeline: enough to make the round trip cheap, few enough not to hold up other clients. */
const pipelineRecordsMax = 1_000
const pipelineBytesMax = 1024 * 1024

/** Writes records as Redis commands, a pipeline at a time; a flush waits until every command has been answered. */
export class RedisSink implements SinkWriter {
  readonly #context: ConnectorContext<'sink'>
  readonly #options: RedisSinkOptions
  readonly #batches: BatchWriter<RecordCommands>
  #client: Redis | undefined
  #bytes = 0

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as RedisSinkOptions
    this.#batches = new BatchWriter({
      itemsMax: pipelineRecordsMax,
      bytesMax: pipelineBytesMax,
      send: (records) => this.#send(records),
    })
  }

  async open(): Promise<void> {
    this.#client = await connectRedis(connectionOf(this.#context, 'redis'), this.#context.signal)
  }

  write(values: readonly unknown[]): void | Promise<void> {
    for (const [index, value] of values.entries()) {
      try {
        const record = recordCommands(value, this.#context.operator.functions, this.#options)
        this.#bytes += record.bytes
        this.#batches.add(record, record.bytes)
      } catch (thrown) {
        this.#context.rejectRecord(thrown, { index })
      }
    }
    return this.#batches.ready()
  }

  async #send(records: readonly RecordCommands[]): Promise<void> {
    const peer = peerOf(this.#context.connection!)
    const commands = records.flatMap((record) => record.commands.map((command) => ({ command, key: record.key })))
    let answers
    try {
      answers = await this.#client!.pipeline(commands.map(({ command }) => [...command])).exec()
    } catch (thrown) {
      throw redisError(thrown, peer)
    }
    for (const [position, answer] of (answers ?? []).entries())
      if (answer[0]) throw redisError(answer[0], peer, `Key '${commands[position]!.key}'`)
  }

  flush(): Promise<void> {
    return this.#batches.flush()
  }

  bytesWritten(): number {
    return this.#bytes
  }

  close(): Promise<void> {
    this.#batches.close()
    this.#client?.disconnect()
    return Promise.resolve()
  }
}
