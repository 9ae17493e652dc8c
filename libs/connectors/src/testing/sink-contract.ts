import { until } from '@lightflus/testing/services'
import type { ConnectorContext, SinkWriter } from '@lightflus/engine'
import type { Heard } from './test-context.ts'

/** A sink and a way to see what it wrote, as the contract wants it. Records are `{ id, text }`, ids from 0. */
export interface SinkCase {
  readonly create: (given: { readonly onError: 'fail' | 'skip'; readonly failOn?: number }) => {
    readonly writer: SinkWriter
    readonly context: ConnectorContext<'sink'> & { readonly heard: Heard }
  }
  /** Ids that are outside now, each as often as it is there. */
  readonly readIds: () => Promise<number[]>
  /** Records that may be written without waiting before `write` must hold the caller back. */
  readonly unansweredMax: number
}

export interface TestRecord {
  readonly id: number
  readonly text: string
}

export const recordOf = (id: number): TestRecord => ({ id, text: `text ${id}` })
const records = (from: number, count: number): TestRecord[] =>
  Array.from({ length: count }, (_, at) => recordOf(from + at))
const ascending = (ids: number[]): number[] => [...ids].sort((a, b) => a - b)
const range = (count: number): number[] => Array.from({ length: count }, (_, id) => id)

/** What every sink that keeps its records promises: durable after flush, bounded before it, exact about bad records. */
export function describeSinkContract(name: string, getCase: () => SinkCase): void {
  describe(`sink contract: ${name}`, () => {
    const timestamps = (count: number): number[] => new Array<number>(count).fill(1_700_000_000_000)
    const write = (writer: SinkWriter, values: readonly unknown[]) =>
      writer.write(values, timestamps(values.length), undefined)

    it('has everything outside after flush, each record once', async () => {
      const { writer } = getCase().create({ onError: 'fail' })
      await writer.open()
      await write(writer, records(0, 10))
      await writer.flush()
      expect(ascending(await getCase().readIds())).toEqual(range(10))
      await write(writer, records(10, 1_500))
      await write(writer, records(1_510, 1))
      await writer.flush()
      await writer.flush()
      expect(ascending(await getCase().readIds())).toEqual(range(1_511))
      expect(writer.bytesWritten()).toBeGreaterThan(0)
      await writer.close()
    })

    it('writes what it has without being asked to flush', async () => {
      const { writer } = getCase().create({ onError: 'fail' })
      await writer.open()
      await write(writer, records(0, 3))
      await until(async () => (await getCase().readIds()).length >= 3, { what: 'three records outside' })
      expect(ascending(await getCase().readIds())).toEqual(range(3))
      await writer.close()
    })

    it('holds the caller back when its buffer is full, and loses nothing by it', async () => {
      const { writer } = getCase().create({ onError: 'fail' })
      await writer.open()
      let written = 0
      let held: void | Promise<void> = undefined
      // Nothing can be acknowledged while this loop runs, so the buffer must fill up.
      while (!held && written <= getCase().unansweredMax) {
        held = write(writer, records(written, 100))
        written += 100
      }
      expect(held).toBeInstanceOf(Promise)
      await held
      await writer.flush()
      expect(ascending(await getCase().readIds())).toEqual(range(written))
      await writer.close()
    })

    it('leaves out a record that a function throws on when onError is skip, and says so', async () => {
      const { writer, context } = getCase().create({ onError: 'skip', failOn: 1 })
      await writer.open()
      await write(writer, records(0, 3))
      await writer.flush()
      expect(ascending(await getCase().readIds())).toEqual([0, 2])
      expect(context.heard.rejected).toEqual([new Error('no record 1')])
      await writer.close()
    })

    it('passes on what a function throws when onError is fail', async () => {
      const { writer } = getCase().create({ onError: 'fail', failOn: 1 })
      await writer.open()
      await expect(async () => write(writer, records(0, 3))).rejects.toThrow('no record 1')
      await writer.close()
    })
  })
}

/** The function of a sink under test: throws on one id, if any. */
export function failingOn<T>(failOn: number | undefined, result: (record: TestRecord) => T): (record: TestRecord) => T {
  return (record) => {
    if (record.id === failOn) throw new Error(`no record ${record.id}`)
    return result(record)
  }
}
