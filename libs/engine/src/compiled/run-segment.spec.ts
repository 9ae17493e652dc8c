import { jest } from '@jest/globals'
import { compileSegment } from './run-segment.ts'
import { createMap } from '../operators/map.ts'
import type { RecordBatch } from '../record.ts'
import type { InnerMember } from '../subtask/running-chain.ts'
import { operatorContext } from '../testing/operator-context.ts'
import { findSegments } from './segments.ts'
import type { OperatorDefinition } from '@lightflus/api'

const member = (id: string, kind: string, functions: object): InnerMember => {
  const definition = { node: { id, kind, named: true, options: {} }, functions } as unknown as OperatorDefinition<'map'>
  const context = operatorContext(definition)
  return { definition, metrics: context.metrics, failures: context.failures, operator: createMap(context) }
}

afterEach(() => jest.restoreAllMocks())

test('where code must not be made of text there is none', () => {
  const segment = [member('more', 'map', { fn: (n: number) => n + 1 })]
  const output = { emit() {}, emitSide() {} }
  expect(compileSegment(segment, 'a test', output)).toBeDefined()
  jest.spyOn(globalThis, 'Function').mockImplementation(() => {
    throw new EvalError('Code generation from strings disallowed for this context')
  })
  expect(compileSegment(segment, 'a test', output)).toBeUndefined()
})

test('a function that takes whole batches goes on taking them', () => {
  const batch = (values: readonly number[]) => values.map((n) => n + 1)
  const whole = member('whole', 'map', { fn: Object.assign((n: number) => n + 1, { batch }) })
  const plain = member('plain', 'map', { fn: (n: number) => n })
  const outputs = new Map([[whole, new Map([[undefined, { consumers: [plain], exchanges: [] }]])]])
  expect([...findSegments([whole, plain], outputs).values()]).toEqual([[plain]])
})

test('arrays that nothing was left out of are those of the batch', () => {
  const emitted: RecordBatch[] = []
  const output = { emit: (each: RecordBatch) => void emitted.push(each), emitSide() {} }
  const batch = { values: [1, 2], timestamps: [10, 20], origin: { partition: 'p', positions: [0, 1] } }
  void compileSegment([member('more', 'map', { fn: (n: number) => n + 1 })], 'a test', output)!(batch)
  expect(emitted).toEqual([{ ...batch, values: [2, 3] }])
  expect(emitted[0].timestamps).toBe(batch.timestamps)
  expect(emitted[0].origin!.positions).toBe(batch.origin.positions)
})

test('a stack names the code that is generated, and the function of the program before it', () => {
  let stack = ''
  const fn = function ofTheProgram() {
    stack = new Error('a place').stack!
  }
  const output = { emit() {}, emitSide() {} }
  void compileSegment([member('more', 'map', { fn })], 'job j, subtask in/0', output)!({ values: [1], timestamps: [1] })
  const frames = stack.split('\n').filter((line) => line.includes('at '))
  expect(frames[0]).toContain('ofTheProgram')
  expect(frames[1]).toMatch(/segment .*lightflus-generated\/job-j-subtask-in-0/)
})
