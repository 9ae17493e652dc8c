import { createMap } from './map.ts'
import { runTable, type TestedOperator } from '../testing/operator-table.ts'

const half: TestedOperator<'map'> = {
  kind: 'map',
  create: createMap,
  functions: {
    fn: (value: number) => {
      if (value % 2) throw new Error(`${value} is odd`)
      return value / 2
    },
  },
}

test('every record becomes what the function returns, with its event time', async () => {
  await runTable(
    half,
    `in   :4@1 :8@2 :10
     out  2@1
     out  4@2
     out  5`,
  )
})

test('a function that throws ends the job with the record named and the reason kept', async () => {
  await expect(runTable(half, 'in :4@1 :7@2')).rejects.toMatchObject({
    code: 'LF_USER_FUNCTION',
    message: 'Job test, operator map-1, record p@:7@2: 7 is odd',
    details: { job: 'test', operator: 'map-1', record: 'record p@:7@2' },
    cause: expect.objectContaining({ message: '7 is odd', stack: expect.stringContaining('map.spec.ts') }),
  })
})

test('under onError skip the record is left out, counted, and told of at 1, 10, 100 …', async () => {
  const { metrics, log } = await runTable(
    { ...half, onError: 'skip' },
    `in   :1@1 :4@2 :3@3 :5@4 :8@5 :9@6
     out  2@2
     out  4@5`,
  )
  expect(metrics.recordsSkipped).toBe(4)
  expect(log).toEqual([
    '1 skipped so far, this one because: LF_USER_FUNCTION Job test, operator map-1, record p@:1@1: 1 is odd',
  ])
})

test.each(['fail', 'skip'] as const)(
  'a promise is an error under onError %s, and none is left unhandled',
  async (onError) => {
    const tested: TestedOperator<'map'> = {
      ...half,
      onError,
      functions: { fn: async (value: number) => Promise.reject(new Error(String(value))) },
    }
    await expect(runTable(tested, 'in :1@1 :2@2')).rejects.toMatchObject({
      code: 'LF_USER_RESULT',
      message: 'Job test, operator map-1: the function returned a promise, and no record waits for one.',
    })
  },
)

test('whatever a program throws is told in words', async () => {
  const throwing = (thrown: unknown): TestedOperator<'map'> => ({
    ...half,
    functions: {
      fn: () => {
        throw thrown
      },
    },
  })
  for (const [thrown, words] of [
    ['text', 'text'],
    [undefined, 'threw undefined'],
    [null, 'threw null'],
    [new TypeError(), 'TypeError'],
  ] as const)
    await expect(runTable(throwing(thrown), 'in :1@1')).rejects.toMatchObject({
      message: `Job test, operator map-1, record p@:1@1: ${words}`,
    })
})

test('a changelog goes through with its changes, and half an update that is skipped leaves the other alone', async () => {
  const fn = (value: number) => {
    if (value === 0) throw new Error('zero')
    return -value
  }
  await runTable(
    { kind: 'map', create: createMap, functions: { fn }, onError: 'skip' },
    `in   :1@1 <:1@2 >:2@2 <:2@3 >:0@3 <:0@4 >:3@4 -:3@5
     out  -1@1
     out  <-1@2
     out  >-2@2
     out  --2@3
     out  -3@4
     out  --3@5`,
  )
})
