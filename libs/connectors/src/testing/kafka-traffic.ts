import type { ResolvedConnection } from '@lightflus/engine'
import { until } from '@lightflus/testing/services'
import { KafkaSink } from '../kafka/sink/kafka-sink.ts'
import { KafkaSource } from '../kafka/source/kafka-source.ts'
import { drain, payloadsOf, type ReadRecords } from './drain.ts'
import { sinkContext, sourceContext } from './test-context.ts'

export function topicSource(connection: ResolvedConnection, topic: string, bounded = false): KafkaSource {
  const options = { topic, start: 'earliest', group: null, envelope: false, bounded }
  return new KafkaSource(sourceContext({ options, connection }))
}

/** Puts number n into partition n modulo their count. */
export function numberSink(connection: ResolvedConnection, topic: string, partitions: number): KafkaSink {
  const functions = { value: String, partition: (value: unknown) => (value as number) % partitions }
  return new KafkaSink(sinkContext({ options: { topic, compression: 'none' }, connection, functions }))
}

/** Writes numbers from 0 on, and reads them, all the while; both in the background. */
export class Traffic {
  readonly read: ReadRecords = new Map()
  written = 0
  readonly #connection: ResolvedConnection
  readonly #topic: string
  readonly #partitions: number
  readonly #source: KafkaSource
  readonly #sink: KafkaSink
  #isEnding = false
  #hasWritten = false
  #writing: Promise<void> = Promise.resolve()
  #reading: Promise<void> = Promise.resolve()

  constructor(connection: ResolvedConnection, topic: string, partitions: number) {
    this.#connection = connection
    this.#topic = topic
    this.#partitions = partitions
    this.#source = topicSource(connection, topic)
    this.#sink = numberSink(connection, topic, partitions)
  }

  async start(): Promise<void> {
    await this.#sink.open()
    await this.#source.open(undefined)
    this.#writing = this.#write()
    this.#reading = this.#poll()
    // Whoever waits for it is told at the end.
    this.#reading.catch(() => undefined)
    this.#writing.catch(() => undefined)
    await this.more()
  }

  async #write(): Promise<void> {
    while (!this.#isEnding) {
      const numbers = Array.from({ length: 60 }, (_, at) => this.written + at)
      await this.#sink.write(
        numbers,
        numbers.map(() => 1_700_000_000_000),
      )
      await this.#sink.flush()
      this.written += numbers.length
    }
  }

  async #poll(): Promise<void> {
    const isDone = () => this.#hasWritten && this.#count >= this.written
    while (!isDone()) {
      const batch = await this.#source.poll(500)
      if (batch) this.read.set(batch.partition, [...(this.read.get(batch.partition) ?? []), ...payloadsOf(batch)])
      else await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  get #count(): number {
    return [...this.read.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** Waits until a good deal more was written to, and read from, each partition. */
  async more(): Promise<void> {
    const [written, read] = [this.written, this.#count]
    await Promise.race([
      until(() => this.written > written + 600 && this.#count > read + 600, { what: 'records to flow on' }),
      Promise.all([this.#writing, this.#reading]),
    ])
  }

  /** Ends writing, reads to the end, and sees that each number is where it belongs, once and in order. */
  async end(): Promise<void> {
    this.#isEnding = true
    const partitions = this.#partitions
    await this.#writing
    this.#hasWritten = true
    await this.#reading
    await this.#source.close()
    await this.#sink.close()
    const expected = Array.from({ length: partitions }, (_, partition) =>
      Array.from({ length: this.written / partitions }, (_, at) => at * partitions + partition),
    )
    const numbersIn = (records: ReadRecords) =>
      expected.map((_, partition) => (records.get(`${this.#topic}/${partition}`) ?? []).map(Number))
    expect(numbersIn(this.read)).toEqual(expected)
    const again = topicSource(this.#connection, this.#topic, true)
    await again.open(undefined)
    expect(numbersIn(await drain(again, new Map(), { recordsMax: 1_000 }))).toEqual(expected)
    await again.close()
  }
}
