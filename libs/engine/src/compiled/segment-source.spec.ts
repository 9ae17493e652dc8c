import { segmentSource } from './segment-source.ts'

test('what is generated for three operators', () => {
  const steps = [
    { kind: 'map', operator: 'cents' },
    { kind: 'filter', operator: 'large' },
    { kind: 'keyBy', operator: 'by user' },
  ] as const
  expect(segmentSource('job j', steps)).toBe(`// job j
'use strict'
const map0_cents = $.functions[0]
const filter1_large = $.functions[1]
const keyBy2_by_user = $.functions[2]
let usual = 0
return function segment(batch, from) {
  const { values } = batch
  const givenTimes = batch.timestamps, givenKeys = batch.keys
  const givenPositions = batch.origin?.positions, givenRows = batch.scanned?.rows
  const results = new Array(usual)
  const keys = new Array(usual)
  const times = new Array(usual)
  const positions = givenPositions === undefined ? [] : new Array(usual)
  const rows = givenRows === undefined ? [] : new Array(usual)
  const skipped = []
  const lost = [0, 0, 0]
  let isFirst0 = true
  let passed1 = 0
  let row = from, step = 0, left = 0, key
  try {
    for (;;) {
      try {
        for (; row < values.length; row++) {
          const record = values[row]
          // map cents
          step = 0
          const result0 = map0_cents(record)
          if (isFirst0) {
            isFirst0 = false
            $.refusePromise(0, result0)
          }
          // filter large
          step = 1
          const passes1 = filter1_large(result0)
          if (passes1 !== true && (passes1 === false || !$.isTruthy(1, passes1))) continue
          passed1++
          // keyBy by user
          step = 2
          const key2 = keyBy2_by_user(result0)
          if (typeof key2 !== 'string' && (typeof key2 !== 'number' || key2 !== key2) && typeof key2 !== 'boolean') {
            $.unusableKey(2, key2, batch, row, key)
            lost[2]++
            continue
          }
          key = key2
          results[left] = result0
          keys[left] = key
          times[left] = givenTimes[row]
          if (givenPositions !== undefined) positions[left] = givenPositions[row]
          if (givenRows !== undefined) rows[left] = givenRows[row]
          left++
        }
        break
      } catch (thrown) {
        const at = row
        lost[step]++
        row++
        $.failed(step, thrown, batch, at, key)
      }
    }
  } finally {
    let count = row - from
    $.metrics[0].recordsIn += count
    count = count - lost[0]
    $.metrics[0].recordsOut += count
    $.metrics[1].recordsIn += count
    count = passed1
    $.metrics[1].recordsOut += count
    $.metrics[2].recordsIn += count
  }
  results.length = left
  keys.length = left
  times.length = left
  if (givenPositions !== undefined) positions.length = left
  if (givenRows !== undefined) rows.length = left
  usual = left
  return { next: row, results, keys, times, positions, rows, skipped }
}
`)
})

test('whatever an operator is called, its name ends no comment and no line', () => {
  const source = segmentSource('job \n*/ throw 1', [{ kind: 'map', operator: 'a\u2028b */ throw 2\r' }])
  expect(source).toContain('// job ?*/ throw 1\n')
  expect(source).toContain('// map a?b */ throw 2?\n')
  expect(source).toContain('const map0_a_b____throw_2_ = $.functions[0]\n')
})
