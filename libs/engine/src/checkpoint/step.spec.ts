import { count, job } from '@lightflus/api'
import { planJob } from '../plan/plan-job.ts'
import { subtaskId } from '../plan/plan.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { decideStart } from './decide-start.ts'
import { checkpointFailureReasons } from './failure-reasons.ts'
import type { CheckpointEffect, CheckpointEvent } from './protocol.ts'
import { startCheckpoints, step, type CheckpointProtocolOptions } from './step.ts'

const { graph } = job('counting', (flow) => {
  flow
    .source(listSource<string>(), { name: 'words' })
    .keyBy((word) => word)
    .aggregate({ n: count() }, { name: 'counts' })
    .sinkTo(listSink())
}).build()
const plan = planJob(graph, 2)

/** Two sources (s0, s1), two subtasks behind them (k0, k1). */
const addresses = {
  s0: { chain: 'words', index: 0 },
  s1: { chain: 'words', index: 1 },
  k0: { chain: 'counts', index: 0 },
  k1: { chain: 'counts', index: 1 },
} as const
type Name = keyof typeof addresses
const names = Object.keys(addresses) as Name[]
const nameOf = (subtask: { chain: string; index: number }) =>
  names.find((name) => subtaskId(addresses[name]) === subtaskId(subtask))!

/** Runs events given as text and says what was done after each, as text. */
function play(...events: string[]): string[] {
  return playFrom({}, ...events)
}

function playFrom(options: Partial<CheckpointProtocolOptions>, ...events: string[]): string[] {
  let state = startCheckpoints({ plan, attempt: 7, firstCheckpoint: 5, failuresInRowMax: 1, ...options })
  return events.map((text) => {
    const stepped = step(state, eventOf(text))
    state = stepped.state
    return stepped.effects.map(textOf).join(', ')
  })
}

/**
 * `tick`, `savepoint`, `suspend`, `stop`, `drain`, `fail`; `s0 ack 5`, `s0 decline 5`, `s0 end`, `s0 done 5` (committed);
 * `5 expired|written|lost|logged`. `s0 ack* 5` and `s0 end*`: with output.
 */
function eventOf(text: string): CheckpointEvent {
  const [who, what, number] = text.split(' ')
  const subtask = addresses[who as Name]
  if (subtask) {
    const outputs = what.endsWith('*') ? ['out'] : []
    if (what.startsWith('end')) return { type: 'finished', subtask, snapshot: `${who} at its end`, outputs }
    if (what === 'done') return { type: 'committed', subtask, checkpoint: Number(number) }
    if (what === 'decline') return { type: 'declined', subtask, checkpoint: Number(number) }
    return { type: 'acknowledged', subtask, checkpoint: Number(number), snapshot: `${who} at ${number}`, outputs }
  }
  switch (what ?? who) {
    case 'tick':
      return { type: 'intervalElapsed' }
    case 'savepoint':
      return { type: 'savepointRequested', then: 'CONTINUE' }
    case 'suspend':
      return { type: 'savepointRequested', then: 'SUSPENDED' }
    case 'stop':
      return { type: 'savepointRequested', then: 'STOPPED' }
    case 'drain':
      return { type: 'drainRequested' }
    case 'fail':
      return { type: 'attemptFailed' }
    case 'expired':
      return { type: 'expired', checkpoint: Number(who) }
    case 'written':
      return { type: 'manifestWritten', checkpoint: Number(who) }
    case 'logged':
      return { type: 'commitLogged', checkpoint: Number(who) }
    default:
      return { type: 'manifestFailed', checkpoint: Number(who) }
  }
}

function textOf(effect: CheckpointEffect): string {
  switch (effect.type) {
    case 'injectBarrier': {
      const { checkpoint, attempt, final } = effect.barrier
      expect(attempt).toBe(7)
      return `barrier ${checkpoint}${final ? '!' : ''} to ${effect.subtasks.map(nameOf).join('+')}`
    }
    case 'startTimer':
    case 'stopTimer':
      return `${effect.type} ${effect.checkpoint}`
    case 'writeManifest': {
      const { checkpoint, kind, ending, subtasks, outputs } = effect.manifest
      const parts = subtasks.map(({ snapshot, finished }) => `${String(snapshot)}${finished ? '.' : ''}`)
      return `write ${kind} ${checkpoint}${ending ? ` ${ending}` : ''} of [${parts.join('; ')}]${outputs.map((output) => ` with ${output}`).join('')}`
    }
    case 'notifyCompleted':
      return `tell ${effect.checkpoint} to ${effect.subtasks.map(nameOf).join('+')}`
    case 'notifyAborted':
      return `abort ${effect.checkpoint} at ${effect.subtasks.map(nameOf).join('+')}`
    case 'logCommitted':
      return `log ${effect.checkpoint} committed`
    case 'discardSnapshots':
      return `discard [${effect.snapshots.join('; ')}]`
    case 'drainSources':
      return `drain ${effect.subtasks.map(nameOf).join('+')}`
    case 'reportFailure':
      return `${effect.kind} ${effect.checkpoint ?? '-'} ${effect.reason}`
    case 'endAttempt':
      return `${effect.ending} with ${effect.checkpoint}`
    case 'failAttempt':
      return `FAILED ${effect.reason}`
  }
}

const at5 = 's0 at 5; s1 at 5; k0 at 5; k1 at 5'

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
