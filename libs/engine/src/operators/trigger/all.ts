import { fire, nothing, purge, type Decision, type Trigger } from './trigger.ts'

/** When all of several are ready for one pane; all begin anew with the next. */
export function allTrigger(triggers: readonly Trigger[]): Trigger {
  return {
    decide(window, now) {
      let all: number = fire
      let some: number = nothing
      for (const trigger of triggers) {
        const decision = trigger.decide(window, now)
        all &= decision
        some |= decision
      }
      return (all === fire ? fire | (some & purge) : nothing) as Decision
    },
    dueAt: (window, now) => Math.min(...triggers.map((trigger) => trigger.dueAt(window, now))),
    onPaneEnd: (window, now) => triggers.forEach((trigger) => trigger.onPaneEnd(window, now)),
  }
}
