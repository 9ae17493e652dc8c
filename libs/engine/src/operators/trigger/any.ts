import type { Decision, Trigger } from './trigger.ts'

/** When one of several is ready; all begin anew with the next pane. */
export function anyTrigger(triggers: readonly Trigger[]): Trigger {
  return {
    decide(window, now) {
      let decision = 0
      for (const trigger of triggers) decision |= trigger.decide(window, now)
      return decision as Decision
    },
    dueAt: (window, now) => Math.min(...triggers.map((trigger) => trigger.dueAt(window, now))),
    onPaneEnd: (window, now) => triggers.forEach((trigger) => trigger.onPaneEnd(window, now)),
  }
}
