import pc from 'picocolors'
import { checkpointsText } from './listings.ts'
import { spanText } from './printer.ts'

const plain = pc.createColors(false)

test('checkpoints show what they cost, and nothing where it is not known', () => {
  const checkpoint = {
    checkpoint: 7,
    attempt: 2,
    kind: 'checkpoint',
    completedAt: Date.now(),
    durationMs: 1_234,
    bytes: 2_000,
    location: 'x',
    alignmentMs: 12.34,
    pauseMs: 0.4,
    commitMs: null,
  } as const
  const [head, row] = checkpointsText(plain, [checkpoint]).split('\n')
  expect(head.split(/ {2,}/).map((cell) => cell.trim())).toEqual([
    'NUMBER',
    'KIND',
    'MADE',
    'TOOK',
    'ALIGNED',
    'PAUSED',
    'COMMITTED',
    'SIZE',
    'ATTEMPT',
  ])
  expect(row.split(/ {2,}/).slice(3)).toEqual(['1.23 s', '12.3 ms', '0.4 ms', '–', '2 kB', '2'])
})

test.each([
  [0, '0 ms'],
  [0.123_4, '0.12 ms'],
  [38, '38 ms'],
  [999, '999 ms'],
  [61_234, '61.2 s'],
  [612_345, '612 s'],
  [null, '–'],
])('%s ms are said as %s', (ms, text) => {
  expect(spanText(ms)).toBe(text)
})
