import { at5, names, play, playFrom } from '../testing/protocol-play.ts'

const all = (what: string) => names.map((name) => `${name} ${what}`)

test('output is committed once the checkpoint exists; the next is not made to exist before the log knows', () => {
  const played = play(
    'tick',
    ...['s0 ack 5', 's1 ack 5', 'k0 ack* 5', 'k1 ack* 5', '5 written', 'tick', ...all('ack* 6')],
    ...['k1 done 5', 'k0 done 5', '5 logged', '6 written'],
  )
  expect(played.slice(4)).toEqual([
    `stopTimer 5, write checkpoint 5 of [${at5}] with out`,
    'tell 5 to s0+s1+k0+k1',
    'startTimer 6, barrier 6 to s0+s1',
    '',
    '',
    '',
    // Complete, but it waits.
    '',
    '',
    'log 5 committed',
    'stopTimer 6, write checkpoint 6 of [s0 at 6; s1 at 6; k0 at 6; k1 at 6] with out',
    'tell 6 to s0+s1+k0+k1',
  ])
})

test('a checkpoint that waits for the one before may expire, and its output is in the next', () => {
  const commits = ['tick', ...all('ack* 5'), '5 written', 'tick', ...all('ack* 6')]
  const played = play(...commits, '6 expired', ...all('done 5'), '5 logged', 'tick')
  expect(played.slice(-7)).toEqual([
    'stopTimer 6, checkpoint 6 EXPIRED, discard [s0 at 6; s1 at 6; k0 at 6; k1 at 6], abort 6 at s0+s1+k0+k1',
    ...['', '', '', 'log 5 committed'],
    '',
    'startTimer 7, barrier 7 to s0+s1',
  ])
})

test('suspend and stop end the attempt once the savepoint’s output is committed', () => {
  const stopped = play('stop', ...all('ack* 5'), '5 written', 'tick', 'suspend', 'drain', ...all('done 5'), '5 logged')
  expect(stopped.slice(5)).toEqual([
    'tell 5 to s0+s1+k0+k1',
    'checkpoint - ENDING',
    'savepoint - ENDING',
    '',
    ...['', '', '', 'log 5 committed'],
    'STOPPED with 5',
  ])
})

test('what a finished subtask left is committed with the first checkpoint that names it, and only with that', () => {
  const played = play(
    ...['s0 end*', 'tick', 's1 ack 5', 'k0 ack 5', 'k1 ack 5', '5 written', 's0 done 5', '5 logged'],
    ...['tick', 's1 ack* 6', 'k0 ack 6', 'k1 ack 6', '6 written'],
  )
  expect(played.slice(4)).toEqual([
    'stopTimer 5, write checkpoint 5 of [s0 at its end.; s1 at 5; k0 at 5; k1 at 5] with out',
    'tell 5 to s0+s1+k0+k1',
    'log 5 committed',
    '',
    'startTimer 6, barrier 6 to s1',
    '',
    '',
    'stopTimer 6, write checkpoint 6 of [s0 at its end.; s1 at 6; k0 at 6; k1 at 6] with out',
    'tell 6 to s1+k0+k1',
  ])
})

test('at the end of input the final checkpoint waits for commits, and the end for its own', () => {
  const before = ['tick', 's0 ack 5', 's1 ack 5', 'k0 ack* 5', 'k1 ack 5', '5 written']
  const played = play(...before, 's0 end', 's1 end', 'k1 end*', 'k0 end*', 'k0 done 5', '5 logged', '6 written')
  expect(played.slice(9)).toEqual([
    '',
    'log 5 committed',
    expect.stringMatching(/^write final 6 FINISHED of .* with out$/),
    'tell 6 to k0+k1',
  ])
  expect(
    play(...before, ...all('end*'), 'k0 done 5', '5 logged', '6 written', ...all('done 6'), '6 logged').slice(-2),
  ).toEqual(['log 6 committed', 'FINISHED with 6'])
})

test('output of the checkpoint that is restored is committed before another one exists', () => {
  const restored = { checkpoint: 4, ending: null }
  const open = all('done 4')
  const played = playFrom({ restored }, 'stop', ...open.slice(0, 3), ...all('ack* 5'), open[3], '4 logged', '5 written')
  expect(played).toEqual([
    'startTimer 5, barrier 5! to s0+s1',
    ...['', '', ''],
    ...['', '', '', ''],
    'log 4 committed',
    `stopTimer 5, write savepoint 5 STOPPED of [${at5}] with out`,
    'tell 5 to s0+s1+k0+k1',
  ])
})

test('an attempt that has only to commit ends with what the one before was to end with', () => {
  const restored = { checkpoint: 4, ending: 'DRAINED' } as const
  expect(playFrom({ restored }, 'tick', 'drain', 'suspend', ...all('done 4'), '4 logged')).toEqual([
    'checkpoint - ENDING',
    '',
    'savepoint - ENDING',
    ...['', '', '', 'log 4 committed'],
    'DRAINED with 4',
  ])
})

test('once the attempt has failed no commit matters', () => {
  expect(play('tick', ...all('ack* 5'), '5 written', 's0 done 5', 'fail', 's1 done 5', 'k0 done 5').slice(-2)).toEqual([
    '',
    '',
  ])
})

test.each([
  ['a commit of what had no output', ['tick', ...all('ack 5'), '5 written', 's0 done 5']],
  ['a commit said twice', ['tick', ...all('ack* 5'), '5 written', 's0 done 5', 's0 done 5']],
  ['a log that says too early that all is committed', ['tick', ...all('ack* 5'), '5 written', 's0 done 5', '5 logged']],
])('%s is an error', (_what, events) => {
  expect(() => play(...events)).toThrow(expect.objectContaining({ code: 'LF_CHECKPOINT_PROTOCOL' }))
})
