import { fire, purge, type Decision, type Trigger } from './trigger.ts'

/** As another, and what has come out is dropped: its next pane is made of the records since. */
export function purgingTrigger(trigger: Trigger): Trigger {
  return {
    ...trigger,
    decide(window, now) {
      const decision = trigger.decide(window, now)
      return (decision & fire ? decision | purge : decision) as Decision
    },
  }
}
