import { count, sum } from '@lightflus/api'
import fc from 'fast-check'
import { maxWatermark } from '../../record.ts'
import { makeOperator, type TestedOperator } from '../../testing/operator-table.ts'
import { VirtualHost } from '../../testing/virtual-host.ts'
import { createGeneralWindow } from './general-window.ts'
import { createSlicedWindow } from './window.ts'

// Goal: tumbling windows of processing time in slices are those of the general operator, whose state they restore, too.

type Create = TestedOperator<'window'>['create']

const counting = (create: Create, bounded: boolean, sizeMs: number, offsetMs: number): TestedOperator<'window'> => ({
  kind: 'window',
  create,
  bounded,
  options: {
    windower: { kind: 'tumbling', sizeMs, offsetMs, time: 'processing' },
    allowedLatenessMs: 0,
    lateOutput: null,
    trigger: null,
    panes: 'accumulating',
    keyed: true,
    aggregates: ['n', 'total'],
  },
  functions: { aggregates: { n: count(), total: sum((value: number) => value) } },
})

const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), keys: fc.array(fc.constantFrom('a', 'b', 1, true), { minLength: 1 }) }),
  fc.record({ do: fc.constant('clock' as const), by: fc.nat(25) }),
  // The watermark says nothing, but at the end.
  fc.record({ do: fc.constantFrom('watermark' as const, 'restore' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

async function run(creates: readonly Create[], options: readonly [boolean, number, number], steps: readonly Step[]) {
  const host = new VirtualHost(1_000)
  let turn = 0
  const make = () => makeOperator(counting(creates[turn % creates.length], ...options), host)
  let { operator } = make()
  const emitted: string[] = []
  const output = {
    emit: ({ values, timestamps }: { values: readonly unknown[]; timestamps: readonly number[] }) =>
      values.forEach((value, i) => emitted.push(`${JSON.stringify(value)}@${timestamps[i]} at ${host.clock.now()}`)),
    emitSide() {},
  }
  for (const [index, each] of steps.entries()) {
    while (operator.processingTimeDue!() <= host.clock.now()) await operator.onProcessingTime!(host.clock.now(), output)
    if (each.do === 'add') {
      const values = each.keys.map((_, i) => index + i)
      // Event times play no part, nor does it matter that there is none.
      await operator.processBatch(
        { values, timestamps: values.map(() => Number.MIN_SAFE_INTEGER), keys: each.keys },
        output,
        0,
      )
    } else if (each.do === 'clock') host.advanceTo(host.clock.now() + each.by)
    else if (each.do === 'watermark') await operator.onWatermark(index, output)
    else {
      const { subtask, keyGroups } = structuredClone(operator.snapshot()!)
      turn++
      operator = make().operator
      operator.restore({ subtasks: [subtask], keyGroups })
    }
  }
  await operator.onWatermark(maxWatermark, output)
  return emitted
}

test('tumbling windows of the clock are what the general operator makes of them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 30 }), fc.nat(20)),
      fc.array(step, { maxLength: 30 }),
      async (options, steps) => {
        const expected = (await run([createGeneralWindow], options, steps)).sort()
        expect((await run([createSlicedWindow], options, steps)).sort()).toEqual(expected)
        expect(
          (
            await run(
              [createGeneralWindow, createSlicedWindow, createSlicedWindow],
              options,
              steps.filter(upToTwoRestores()),
            )
          ).sort(),
        ).toEqual((await run([createGeneralWindow], options, steps.filter(upToTwoRestores()))).sort())
      },
    ),
    { numRuns: 1_000 },
  )
})

/** The general operator does not restore what the other one has left. */
function upToTwoRestores() {
  let restores = 0
  return ({ do: what }: Step) => what !== 'restore' || ++restores <= 2
}
