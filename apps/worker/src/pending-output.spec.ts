import fc from 'fast-check'
import { linesKeptMax, PendingOutput, rowsKeptMax } from './pending-output.ts'

const line = (message: string) => ({ at: 0, level: 'info' as const, operator: null, message })
const row = (key: string | null, n: number) => ({ at: 0, sink: 'out', key, row: { n } })

test('what is not acknowledged is reported again, in order and without a gap', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant('line'), fc.constant('report'), fc.constant('acknowledge')), { maxLength: 300 }),
      (acts) => {
        const output = new PendingOutput()
        const stored: number[] = []
        let written = 0
        for (const act of acts) {
          if (act === 'line') output.addLine(line(String(++written)))
          // A report that is lost on its way stores nothing; one whose answer is lost stores, and is sent again.
          if (act === 'acknowledge') {
            const { logs } = output.next()
            for (const { sequence } of logs) if (sequence > (stored.at(-1) ?? 0)) stored.push(sequence)
            output.acknowledge(stored.at(-1) ?? 0, 0)
          } else output.next()
        }
        const left = output.next().logs.map(({ sequence }) => sequence)
        expect([...stored, ...left]).toEqual(Array.from({ length: written }, (_, i) => i + 1))
      },
    ),
  )
})

test('of rows with one key only the newest waits', () => {
  const output = new PendingOutput()
  for (let n = 1; n <= 3; n++) output.addRow(row('a', n))
  output.addRow(row(null, 4))
  output.addRow(row(null, 5))
  expect(output.next().rows.map(({ row }) => row?.n)).toEqual([3, 4, 5])
  output.acknowledge(0, 4)
  expect(output.next().rows.map(({ sequence }) => sequence)).toEqual([5])
})

test('both are bounded; of lines the number that was lost is said', () => {
  const output = new PendingOutput()
  for (let n = 0; n < linesKeptMax + 10; n++) output.addLine(line(String(n)))
  for (let n = 0; n < rowsKeptMax + 10; n++) output.addRow(row(null, n))
  const { logs, rows } = output.next()
  expect(logs[0]).toMatchObject({ level: 'warn', message: '10 earlier lines were dropped: the platform was away.' })
  expect(rows).toHaveLength(rowsKeptMax)
  expect(rows[0]!.row).toEqual({ n: 10 })
})
