import { LightflusError, type ChangeKind } from '@lightflus/api'
import type { Redis } from 'ioredis'
import type { ConnectorContext, SinkCommits, SinkWriter } from '@lightflus/engine'
import { BatchWriter } from '../batch-writer.ts'
import { connectionOf } from '../connection-options.ts'
import type { Peer } from '../connection-errors.ts'
import type { Session } from '../session.ts'
import { exactlyOnce } from '../staging/delivery.ts'
import { leavingOut } from '../staging/leaving-out.ts'
import { StagedCommits } from '../staging/staged-commits.ts'
import { demandExactlyOnce, RedisCommits } from './redis-commits.ts'
import { recordCommands, type RecordCommands, type RedisSinkOptions } from './redis-command.ts'
import { CommandError } from './redis-errors.ts'
import { redisOptions, redisPeer } from './redis-options.ts'
import { rowCommands } from './redis-rows.ts'
import { redisSession } from './redis-session.ts'

/** Records in one pipeline: enough to make the round trip cheap, few enough not to hold up other clients. */
const pipelineRecordsMax = 1_000
const pipelineBytesMax = 1024 * 1024

/** Fields of an entry of a stream, at most, where a script adds it. */
const streamArgumentsMax = 7_000

/**
 * Writes records as Redis commands, a pipeline at a time; a flush waits until every command has been answered. Or keeps
 * the commands for the checkpoint and then gives them all in one script, exactly once.
 */
export class RedisSink implements SinkWriter {
  readonly commits?: SinkCommits
  readonly #context: ConnectorContext<'sink'>
  readonly #options: RedisSinkOptions
  readonly #peer: Peer
  readonly #session: Session<Redis>
  readonly #closing = new AbortController()
  readonly #batches: BatchWriter<RecordCommands>
  readonly #staged: StagedCommits | undefined
  #bytes = 0

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as RedisSinkOptions
    const connection = connectionOf(context, 'redis')
    const options = redisOptions(connection)
    const signal = AbortSignal.any([context.signal, this.#closing.signal])
    this.#peer = redisPeer(connection, options)
    this.#session = redisSession(options, this.#peer, signal)
    this.#batches = new BatchWriter({
      itemsMax: pipelineRecordsMax,
      bytesMax: pipelineBytesMax,
      send: (records) => this.#send(records),
    })
    const { delivery, markerPrefix, stagedBytesMax } = this.#options
    const checkpoints = exactlyOnce(context, delivery)
    if (!checkpoints) return
    const target = new RedisCommits({
      ...{ session: this.#session, peer: this.#peer, checkpoints, markerPrefix },
      ...{ job: context.job, operator: context.operator.node.id },
      ...leavingOut(context),
    })
    this.#staged = new StagedCommits({ context, checkpoints, target, head: () => null, bytesMax: stagedBytesMax })
    this.commits = this.#staged
  }

  async open(): Promise<void> {
    await this.#session.open()
    if (this.#staged)
      await this.#session.run((client) =>
        demandExactlyOnce(client, this.#peer, (...line) => this.#context.log(...line)),
      )
  }

  write(
    values: readonly unknown[],
    _timestamps?: readonly number[],
    changes?: readonly ChangeKind[],
  ): void | Promise<void> {
    if (changes) for (const record of rowCommands(this.#context, this.#options, values, changes)) this.#add(record)
    else {
      for (const [index, value] of values.entries()) {
        try {
          this.#add(recordCommands(value, this.#context.operator.functions, this.#options))
        } catch (thrown) {
          this.#context.rejectRecord(thrown, { index })
        }
      }
    }
    return this.#staged ? this.#staged.ready() : this.#batches.ready()
  }

  #add(record: RecordCommands): void {
    if (this.#staged) this.#stage(this.#staged, record)
    else this.#batches.add(record, record.bytes)
    this.#bytes += record.bytes
  }

  #stage(staged: StagedCommits, { commands }: RecordCommands): void {
    for (const [name, ...args] of commands)
      if (name === 'xadd' && args.length > streamArgumentsMax)
        throw new LightflusError(
          'LF_SINK_VALUE',
          'value() yielded more fields than an entry may have that is added exactly once',
        )
    for (const command of commands) staged.add(command.map(String))
  }

  /**
   * Sends commands in order. After a failure that passes it goes on with the first one that failed, and so repeats what
   * came after it: an older value must never come last.
   */
  async #send(records: readonly RecordCommands[]): Promise<void> {
    const commands = records.flatMap(({ key, commands }) => commands.map((command) => ({ key, command })))
    let done = 0
    await this.#session.run(async (client) => {
      const left = commands.slice(done)
      const answers = (await client.pipeline(left.map(({ command }) => [...command])).exec()) ?? []
      const failed = answers.findIndex(([error]) => error !== null)
      if (failed < 0) return
      done += failed
      throw new CommandError(answers[failed]![0]!, left[failed]!.key)
    })
  }

  flush(): Promise<void> {
    return this.#batches.flush()
  }

  bytesWritten(): number {
    return this.#bytes
  }

  close(): Promise<void> {
    this.#batches.close()
    this.#closing.abort()
    return Promise.resolve()
  }
}
