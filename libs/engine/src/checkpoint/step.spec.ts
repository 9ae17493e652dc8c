import { at5, names, plan, play } from '../testing/protocol-play.ts'
import { decideStart } from './decide-start.ts'
import { checkpointFailureReasons } from './failure-reasons.ts'
import { startCheckpoints, step } from './step.ts'

test('a checkpoint comes to exist once all have acknowledged and its manifest is written', () => {
  expect(play('tick', 's0 ack 5', 'k1 ack 5', 's1 ack 5', 'k0 ack 5', '5 written', 'tick')).toEqual([
    'startTimer 5, barrier 5 to s0+s1',
    '',
    '',
    '',
    `stopTimer 5, write checkpoint 5 of [${at5}]`,
    'tell 5 to s0+s1+k0+k1',
    'startTimer 6, barrier 6 to s0+s1',
  ])
})

test('while one is under way a periodic one is dropped, and a savepoint waits', () => {
  expect(play('tick', 'tick', 'savepoint', 'suspend', 'savepoint', '5 expired')).toEqual([
    'startTimer 5, barrier 5 to s0+s1',
    'checkpoint - IN_PROGRESS',
    '',
    '',
    '',
    'stopTimer 5, checkpoint 5 EXPIRED, abort 5 at s0+s1+k0+k1, startTimer 6, barrier 6! to s0+s1',
  ])
})

test('suspend and stop end the attempt with their savepoint, by one barrier', () => {
  expect(play('suspend', 's0 ack 5', 's1 ack 5', 'k0 ack 5', 'k1 ack 5', '5 written', 'tick')).toEqual([
    'startTimer 5, barrier 5! to s0+s1',
    '',
    '',
    '',
    `stopTimer 5, write savepoint 5 SUSPENDED of [${at5}]`,
    'SUSPENDED with 5',
    'checkpoint - ENDING',
  ])
  expect(play('suspend', 'stop', 's0 ack 5', 's1 ack 5', 'k0 ack 5', 'k1 ack 5').at(-1)).toContain(
    'savepoint 5 STOPPED',
  )
})

test('late and declined acknowledgements leave nothing behind', () => {
  expect(play('tick', 's0 ack 5', 's1 decline 5', 'k0 ack 5', 's1 decline 5', '5 expired')).toEqual([
    'startTimer 5, barrier 5 to s0+s1',
    '',
    'stopTimer 5, checkpoint 5 DECLINED, discard [s0 at 5], abort 5 at s0+s1+k0+k1',
    'discard [k0 at 5]',
    '',
    '',
  ])
})

test('too many failures in a row fail the attempt; one that succeeds begins the count anew', () => {
  const succeed = (n: number) => names.map((name) => `${name} ack ${n}`)
  const played = play(
    'tick',
    '5 expired',
    'tick',
    ...succeed(6),
    '6 written',
    'tick',
    '7 expired',
    'tick',
    '8 expired',
    'tick',
  )
  expect(played.at(-4)).toBe('stopTimer 7, checkpoint 7 EXPIRED, abort 7 at s0+s1+k0+k1')
  expect(played.at(-2)).toBe('stopTimer 8, checkpoint 8 EXPIRED, FAILED EXPIRED')
  expect(played.at(-1)).toBe('checkpoint - ENDING')
})

test('a savepoint that ends the attempt must succeed', () => {
  expect(play('stop', 's0 ack 5', '5 expired')).toEqual([
    'startTimer 5, barrier 5! to s0+s1',
    '',
    'stopTimer 5, savepoint 5 EXPIRED, discard [s0 at 5], FAILED EXPIRED',
  ])
})

test('finished subtasks stand for themselves in checkpoints under way and later', () => {
  expect(play('tick', 's0 ack 5', 's1 end', 'k0 ack 5', 'k1 ack 5', '5 written', 'tick')).toEqual([
    'startTimer 5, barrier 5 to s0+s1',
    '',
    '',
    '',
    'stopTimer 5, write checkpoint 5 of [s0 at 5; s1 at its end.; k0 at 5; k1 at 5]',
    'tell 5 to s0+k0+k1',
    'startTimer 6, barrier 6 to s0',
  ])
})

test('what a finished subtask left survives a checkpoint that fails', () => {
  expect(play('tick', 's0 end', 's1 ack 5', '5 expired', 'tick', 's1 ack 6', 'k0 ack 6', 'k1 ack 6')).toEqual([
    'startTimer 5, barrier 5 to s0+s1',
    '',
    '',
    'stopTimer 5, checkpoint 5 EXPIRED, discard [s1 at 5], abort 5 at s1+k0+k1',
    'startTimer 6, barrier 6 to s1',
    '',
    '',
    'stopTimer 6, write checkpoint 6 of [s0 at its end.; s1 at 6; k0 at 6; k1 at 6]',
  ])
})

test('at the end of input the attempt ends only after its final checkpoint', () => {
  expect(play('s0 end', 's1 end', 'tick', 'suspend', 'k0 end', 'k1 end', '5 written')).toEqual([
    '',
    '',
    'checkpoint - SOURCES_FINISHED',
    'savepoint - SOURCES_FINISHED',
    '',
    'write final 5 FINISHED of [s0 at its end.; s1 at its end.; k0 at its end.; k1 at its end.]',
    'FINISHED with 5',
  ])
})

test('a checkpoint under way at the end is finished first', () => {
  const ends = names.map((name) => `${name} end`)
  expect(play('tick', 's0 ack 5', ...ends, '5 written', '6 written').slice(-3)).toEqual([
    'stopTimer 5, write checkpoint 5 of [s0 at 5; s1 at its end.; k0 at its end.; k1 at its end.]',
    expect.stringMatching(/^tell 5 to , write final 6 FINISHED/),
    'FINISHED with 6',
  ])
})

test('a final checkpoint that cannot be written fails the attempt', () => {
  expect(play(...names.map((name) => `${name} end`), '5 lost').at(-1)).toBe(
    'final 5 MANIFEST_FAILED, FAILED MANIFEST_FAILED',
  )
})

test('a drain stops the sources, and no other checkpoint comes before its final one', () => {
  expect(
    play(
      'savepoint',
      'suspend',
      'drain',
      '5 expired',
      'tick',
      'stop',
      's0 end',
      'k0 end',
      's1 end',
      'k1 end',
      '6 written',
    ),
  ).toEqual([
    'startTimer 5, barrier 5 to s0+s1',
    '',
    'drain s0+s1',
    'stopTimer 5, savepoint 5 EXPIRED, abort 5 at s0+s1+k0+k1',
    'checkpoint - ENDING',
    'savepoint - ENDING',
    '',
    '',
    '',
    expect.stringContaining('write final 6 DRAINED'),
    'DRAINED with 6',
  ])
  expect(play('s0 end', 'drain', 'drain')).toEqual(['', 'drain s1', ''])
  expect(play('suspend', 'drain')).toEqual(['startTimer 5, barrier 5! to s0+s1', ''])
})

test('when the attempt fails nothing more is started, and what may yet exist is kept', () => {
  expect(play('tick', 's0 ack 5', 'fail', 'tick', 's1 ack 5', 'fail')).toEqual([
    'startTimer 5, barrier 5 to s0+s1',
    '',
    'stopTimer 5, checkpoint 5 ATTEMPT_FAILED, discard [s0 at 5]',
    'checkpoint - ENDING',
    'discard [s1 at 5]',
    '',
  ])
  const acknowledged = ['tick', ...names.map((name) => `${name} ack 5`), 'fail']
  expect(play(...acknowledged, '5 written').slice(-2)).toEqual(['', ''])
  expect(play(...acknowledged, '5 lost').slice(-2)).toEqual(['', `checkpoint 5 MANIFEST_FAILED, discard [${at5}]`])
})

test.each([
  ['an acknowledgement of a checkpoint that was never started', ['s0 ack 5']],
  ['two acknowledgements of one subtask', ['tick', 's0 ack 5', 's0 ack 5']],
  ['an acknowledgement after the end', ['tick', 's0 end', 's0 ack 5']],
  ['two ends of one subtask', ['s0 end', 's0 end']],
  ['a manifest that nobody wrote', ['tick', '5 written']],
  ['a manifest lost twice', [...names.map((name) => `${name} end`), '5 lost', '5 lost']],
])('%s is an error', (_what, events) => {
  expect(() => play(...events)).toThrow(expect.objectContaining({ code: 'LF_CHECKPOINT_PROTOCOL' }))
})

test('a subtask that the plan does not have is an error', () => {
  const state = startCheckpoints({ plan, attempt: 1, firstCheckpoint: 1 })
  const subtask = { chain: 'words', index: 2 }
  expect(() => step(state, { type: 'finished', subtask, snapshot: null })).toThrow('unknown subtask words/2')
})

test('a decision not to start gives one of the listed reasons, each a sentence', () => {
  const state = startCheckpoints({ plan, attempt: 1, firstCheckpoint: 1 })
  expect(decideStart(state, 'checkpoint')).toEqual({ start: true })
  expect(decideStart({ ...state, draining: true }, 'savepoint')).toEqual({
    start: false,
    reason: 'ENDING',
    wait: false,
  })
  for (const { sentence } of Object.values(checkpointFailureReasons)) expect(sentence).toMatch(/^[A-Z].*\.$/)
})
