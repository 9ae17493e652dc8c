import { readFileSync } from 'node:fs'
import { deploymentStateFacts, deploymentStates, type DeploymentState } from './deployment-lifecycle.ts'
import {
  deploymentLifecycle,
  lifecycleEvents,
  lifecycleVerbs,
  observedEvents,
  possibleVerbs,
  transitionOf,
  type LifecycleEvent,
} from './deployment-lifecycle.table.ts'
import { lifecyclePage } from './lifecycle-page.ts'
import { attemptStates } from './worker-protocol.ts'

const changes = (from: DeploymentState): [LifecycleEvent, DeploymentState][] =>
  lifecycleEvents.flatMap((event) => {
    const transition = transitionOf(from, event)
    return transition && transition !== 'stay' ? [[event, transition.to]] : []
  })

/** All states that can be reached from one, over any events. */
function reachable(
  start: DeploymentState,
  allowed: (event: LifecycleEvent) => boolean = () => true,
): Set<DeploymentState> {
  const seen = new Set([start])
  for (const state of seen) for (const [event, to] of changes(state)) if (allowed(event)) seen.add(to)
  return seen
}

const nonTerminal = deploymentStates.filter((state) => !deploymentStateFacts[state].terminal)

describe('the lifecycle of a deployment', () => {
  test('reaches every state from PENDING', () => {
    expect([...reachable('PENDING')].toSorted()).toEqual(deploymentStates.toSorted())
  })

  test('leaves no terminal state', () => {
    for (const state of deploymentStates.filter((each) => deploymentStateFacts[each].terminal))
      expect(changes(state)).toEqual([])
  })

  test.each(nonTerminal)('%s can be cancelled, stopped and can end', (state) => {
    for (const goal of ['CANCELLED', 'STOPPED'] as const)
      // What is being cancelled can no longer be stopped.
      if (!(state === 'CANCELLING' && goal === 'STOPPED')) expect(reachable(state)).toContain(goal)
    if (state !== 'SUSPENDED') expect(reachable(state)).toContain('FAILED')
  })

  test.each(nonTerminal)('%s comes to an end or a pause by the loss of workers alone, or is tried again', (state) => {
    if (state === 'SUSPENDED') return
    expect(transitionOf(state, 'workerLost')).toBeDefined()
  })

  test.each(nonTerminal)('%s gives way to a newer deployment', (state) => {
    expect(transitionOf(state, 'replace')).toBeDefined()
    const ends = [...reachable(state, (event) => event !== 'resume')].filter(
      (each) => deploymentStateFacts[each].terminal,
    )
    expect(ends.length).toBeGreaterThan(0)
  })

  test('never stays by a transition that names the same state', () => {
    for (const state of deploymentStates) for (const [, to] of changes(state)) expect(to).not.toBe(state)
  })

  test('gives every change a reason that is a sentence', () => {
    for (const state of deploymentStates)
      for (const transition of Object.values(deploymentLifecycle[state]))
        if (transition !== 'stay') expect(transition.reason).toMatch(/^[A-Z].*\.$/)
  })

  test('repeats a verb without effect until the deployment has ended', () => {
    const after = {
      suspend: 'SUSPENDING',
      resume: 'PENDING',
      stop: 'STOPPING',
      drain: 'DRAINING',
      cancel: 'CANCELLING',
    } as const
    for (const verb of lifecycleVerbs) expect(transitionOf(after[verb], verb)).toBe('stay')
  })

  test('has an event for each state that a worker can report', () => {
    const named = attemptStates.map((state) => `worker${state[0]}${state.slice(1).toLowerCase()}`)
    expect(named).toEqual([...observedEvents])
  })

  test('says which verbs are possible', () => {
    expect(possibleVerbs('RUNNING')).toEqual(['suspend', 'stop', 'drain', 'cancel'])
    expect(possibleVerbs('SUSPENDED')).toEqual(['resume', 'stop', 'cancel'])
    expect(possibleVerbs('FAILED')).toEqual([])
  })

  test('is what the docs show', () => {
    const page = readFileSync(new URL('../../../docs/concepts/deployment-lifecycle.md', import.meta.url), 'utf8')
    expect(page).toContain(lifecyclePage())
  })
})
