import { testJob, type OutputRecord, type TestJob } from '../index.ts'
import { buildProgram, lateOutput, sinkName, terminalName } from './build-program.ts'
import { finalRows } from './final-rows.ts'
import { dependsOnOrder, timeOf, type Item, type Program, type ScriptEvent } from './program.ts'

export interface Way {
  readonly parallelism: number
  readonly bounded: boolean
}

export interface Played {
  /** All that came out, as if each had come once: what crashes made come twice is taken out. */
  readonly records: readonly OutputRecord[]
  readonly rows: readonly string[]
  readonly late: readonly number[]
  /** How many came too late. */
  readonly lateRecords: number
}

/** Runs a program on the engine through a script, to its end. */
export async function play(program: Program, script: readonly ScriptEvent[], way: Way): Promise<Played> {
  const { bounded } = way
  const job = buildProgram(program)
  const records: OutputRecord[] = []
  const late: number[] = []
  let lateRecords = 0
  const collect = (test: TestJob) => {
    records.push(...test.outputRecords(sinkName))
    lateRecords += test.metrics(terminalName).recordsLate
    late.push(...test.sideOutput<Item>(terminalName, lateOutput).map(({ id }) => id))
  }
  let test = await testJob(job, { parallelism: way.parallelism, bounded })
  let hasty: Promise<void>[] = []
  for (const [index, event] of script.entries()) {
    if (event.do === 'push' && event.isHasty && !dependsOnOrder(program)) {
      hasty.push(perform(test, program, event))
      continue
    }
    await Promise.all(hasty)
    hasty = []
    if (event.do !== 'crash') {
      await perform(test, program, event)
      continue
    }
    const restore = await test.snapshot()
    collect(test)
    for (const lost of script.slice(index + 1, index + 1 + event.lost)) await perform(test, program, lost)
    test = await testJob(job, { parallelism: event.parallelism, bounded, restore })
  }
  await Promise.all(hasty)
  await test.finish()
  collect(test)
  return { records, rows: finalRows(program, bounded, records), late: late.sort((a, b) => a - b), lateRecords }
}

async function perform(test: TestJob, program: Program, event: ScriptEvent): Promise<void> {
  switch (event.do) {
    case 'push': {
      const items = event.items.map(({ at: _at, ...item }) => item)
      const times = new Map(event.items.map(({ id, at }) => [id, timeOf(program, at)]))
      return test.input<Item>(event.side).pushAll(items, { at: ({ id }) => times.get(id)! })
    }
    case 'watermark':
      return test.input(event.side).watermark(timeOf(program, event.to))
    case 'end':
      return test.input(event.side).end()
    case 'advance':
      return test.advance(event.by)
    case 'crash':
      // Within what another crash loses.
      return
  }
}
