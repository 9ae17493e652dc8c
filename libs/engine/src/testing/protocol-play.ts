import { count, job } from '@lightflus/api'
import type { CheckpointEffect, CheckpointEvent } from '../checkpoint/protocol.ts'
import { startCheckpoints, step, type CheckpointProtocolOptions } from '../checkpoint/step.ts'
import { planJob } from '../plan/plan-job.ts'
import { subtaskId } from '../plan/plan.ts'
import { listSink, listSource } from './list-job.ts'

const { graph } = job('counting', (flow) => {
  flow
    .source(listSource<string>(), { name: 'words' })
    .keyBy((word) => word)
    .aggregate({ n: count() }, { name: 'counts' })
    .sinkTo(listSink())
}).build()
export const plan = planJob(graph, 2)

/** Two sources (s0, s1), two subtasks behind them (k0, k1). */
const addresses = {
  s0: { chain: 'words', index: 0 },
  s1: { chain: 'words', index: 1 },
  k0: { chain: 'counts', index: 0 },
  k1: { chain: 'counts', index: 1 },
} as const
type Name = keyof typeof addresses
export const names = Object.keys(addresses) as Name[]
const nameOf = (subtask: { chain: string; index: number }) =>
  names.find((name) => subtaskId(addresses[name]) === subtaskId(subtask))!

/** Runs events given as text and says what was done after each, as text. */
export function play(...events: string[]): string[] {
  return playFrom({}, ...events)
}

export function playFrom(options: Partial<CheckpointProtocolOptions>, ...events: string[]): string[] {
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
      if (attempt !== 7) throw new Error(`a barrier of attempt ${attempt}`)
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

/** All snapshots of checkpoint 5. */
export const at5 = 's0 at 5; s1 at 5; k0 at 5; k1 at 5'
