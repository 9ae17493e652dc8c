import { PassThrough } from 'node:stream'
import { until } from '@lightflus/testing/services'
import type { LivePosition, LiveUpdate } from './live-reader.ts'
import { LiveStream } from './live-stream.ts'
import type { LiveKind } from './notify.ts'

const start: LivePosition = { log: 0n, row: 0n, event: 0n }
const line = (id: number) =>
  ({ id: String(id), attempt: 1, sequence: id, at: 0, level: 'info', operator: null, message: 'm' }) as const

function streamOf(
  answer: (kinds: ReadonlySet<LiveKind>, from: LivePosition) => LiveUpdate | undefined,
  highWaterMark = 65_536,
) {
  const output = new PassThrough({ highWaterMark })
  const asked: { kinds: LiveKind[]; from: LivePosition }[] = []
  const stream = new LiveStream({
    output,
    read: async (kinds, from) => {
      asked.push({ kinds: [...kinds].toSorted(), from })
      return answer(kinds, from)
    },
  })
  return { output, asked, stream, done: stream.run() }
}

describe('a live stream', () => {
  test('begins with everything, then reads only what changed, from where it was', async () => {
    const { output, asked, stream, done } = streamOf((_kinds, from) => ({
      events: [{ type: 'logs', lines: [line(Number(from.log) + 1)] }],
      position: { ...from, log: from.log + 1n },
    }))
    await until(() => asked.length === 1, { what: 'the first read' })
    stream.changed(['logs'])
    stream.changed(['logs', 'rows'])
    await until(() => asked.length === 2, { what: 'the second read' })
    expect(asked).toEqual([
      { kinds: ['event', 'logs', 'metrics', 'rows', 'status'], from: start },
      { kinds: ['logs', 'rows'], from: { ...start, log: 1n } },
    ])
    const frames = /^event: logs\ndata: \{"type":"logs".*\}\n\nevent: logs\n/
    let text = ''
    output.on('data', (chunk) => (text += String(chunk)))
    await until(() => frames.test(text), { what: 'both frames' })
    stream.end()
    await done
  })

  test('reads no further while its viewer does not take what was written', async () => {
    const { output, asked, stream, done } = streamOf(
      (_kinds, from) => ({ events: [{ type: 'logs', lines: [line(1)] }], position: from }),
      16,
    )
    await until(() => output.writableNeedDrain, { what: 'a full output' })
    for (let index = 0; index < 100; index++) stream.changed(['logs'])
    expect(asked).toHaveLength(1)
    output.resume()
    await until(() => asked.length === 2, { what: 'the next read' })
    stream.end()
    await done
  })

  test('ends when the job is gone', async () => {
    const { done } = streamOf(() => undefined)
    await done
  })

  test('ends also while its viewer takes nothing', async () => {
    const { output, stream, done } = streamOf(
      (_kinds, from) => ({ events: [{ type: 'logs', lines: [line(1)] }], position: from }),
      16,
    )
    await until(() => output.writableNeedDrain, { what: 'a full output' })
    stream.end()
    await done
  })
})
