import type { Connector, SinkWriter, SourceReader } from '../connector.ts'
import { jsonOf } from '../encode/json-output.ts'
import { pack } from './pack.ts'

/** JSON texts in and out: packed payloads, and a sink that takes texts as one of Kafka does. */
export interface TextWorld {
  readonly texts: readonly (string | null)[]
  /** How many payloads the next poll gives. */
  readonly cut: () => number
  /** What was written: texts, or words for what is none. */
  readonly written: string[]
  /** How many of them were made by the engine. */
  encoded: number
  /** Every so manyth write makes the subtask wait. */
  readonly slowEvery: number
}

export function createTextConnector(world: TextWorld): Connector {
  return {
    kind: 'text',
    createSource: () => textReader(world),
    createSink: ({ operator, rejectRecord }) => textWriter(world, operator.functions['value'], rejectRecord),
  }
}

function textReader({ texts, cut }: TextWorld): SourceReader {
  let next = 0
  return {
    bounded: true,
    open: () => Promise.resolve(),
    poll(recordsMax) {
      if (next === texts.length) return undefined
      const from = next
      next = Math.min(texts.length, from + Math.min(recordsMax, cut()))
      const part = texts.slice(from, next)
      return { partition: 't/0', payloads: pack(part), positions: part.map((_, index) => from + index), bytes: 1 }
    },
    partitions: () => [{ name: 't/0', ended: next === texts.length, caughtUp: true }],
    positions: () => ({ 't/0': next }),
    close: () => Promise.resolve(),
  }
}

function textWriter(
  world: TextWorld,
  value: (record: unknown) => unknown,
  reject: (thrown: unknown, record: { index: number }) => void,
): SinkWriter {
  let writes = 0
  const wait = () => (world.slowEvery > 0 && ++writes % world.slowEvery === 0 ? Promise.resolve() : undefined)
  return {
    open: () => Promise.resolve(),
    write(values) {
      values.forEach((each, index) => {
        try {
          const result = value(each)
          const isJson = result !== null && typeof result !== 'string'
          world.written.push(isJson ? (jsonOf(result) ?? `no JSON: ${typeof result}`) : `plain ${result}`)
        } catch (thrown) {
          reject(thrown, { index })
        }
      })
      return wait()
    },
    encodes: 'value',
    writeEncoded({ length, bytes, starts, ends }, timestamps) {
      if (timestamps.length !== length) throw new Error('Not as many times as texts')
      for (let index = 0; index < length; index++) {
        if (bytes[ends[index]] !== 10) throw new Error('No line feed behind a text')
        if (index > 0 && starts[index] !== ends[index - 1] + 1) throw new Error('A gap between texts')
        world.written.push(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(starts[index], ends[index])))
      }
      world.encoded += length
      return wait()
    },
    flush: () => Promise.resolve(),
    bytesWritten: () => 0,
    close: () => Promise.resolve(),
  }
}
