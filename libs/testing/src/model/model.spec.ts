import fc from 'fast-check'
import { modelCase, type ModelCase } from './arbitraries.ts'
import { describeCase } from './describe.ts'
import { evaluate } from './evaluate.ts'
import { play, type Played } from './play.ts'
import type { Program } from './program.ts'

// Goal: whatever the program, its input, the disorder, the batches, the number of subtasks and the crashes on the way,
// the engine ends in what the Dataflow Model says of the complete input; and batch is stream.

/** How many random cases; LIGHTFLUS_MODEL_CASES for a long run, LIGHTFLUS_MODEL_SEED to see one again. */
const numRuns = Number(process.env['LIGHTFLUS_MODEL_CASES'] ?? 4_000)
const seed = process.env['LIGHTFLUS_MODEL_SEED']
const timeout = 60_000 + numRuns * 100

async function check(given: ModelCase, bounded: boolean): Promise<void> {
  const { program, script, parallelism } = given
  const expected = evaluate(program, script)
  try {
    const played = await play(program, script, { parallelism, bounded })
    const { rows, late, lateRecords } = played
    expect({ rows, late, lateRecords: program.terminal.op === 'window' ? lateRecords : 0 }).toEqual(expected)
    if (bounded) assertFinal(program, played)
  } catch (cause) {
    throw new Error(`${describeCase(given)}\n\n${(cause as Error).message}`, { cause })
  }
}

/** Every result once: nothing is taken back, no pane but the one on time. */
function assertFinal({ terminal, rollUp }: Program, { records }: Played): void {
  expect(records.filter(({ change }) => change !== 'insert')).toEqual([])
  if ((terminal.op !== 'window' && terminal.op !== 'countWindow') || rollUp) return
  const pane = { timing: 'onTime', index: 0, isFirst: true, isLast: true }
  for (const { value } of records) expect(value).toMatchObject({ pane })
}

const settings = { numRuns, ...(seed !== undefined && { seed: Number(seed) }) }

test(
  'a stream ends in what the model says',
  () =>
    fc.assert(
      fc.asyncProperty(modelCase, (given) => check(given, false)),
      settings,
    ),
  timeout,
)

test(
  'a batch gives the same, each result once',
  () =>
    fc.assert(
      fc.asyncProperty(modelCase, (given) => check(given, true)),
      settings,
    ),
  timeout,
)
