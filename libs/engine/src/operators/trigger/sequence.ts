import { fire, type Trigger } from './trigger.ts'
import type { TriggerSlot } from './trigger-slot.ts'

/** One after the other, a pane each; the last of them goes on for ever. It remembers its place. */
export function sequenceTrigger(triggers: readonly Trigger[], slot: number): Trigger {
  const place = (slots: readonly unknown[]) => slots[slot] as number
  const present = (slots: readonly unknown[]) => triggers[place(slots)]
  return {
    decide: (window, now) => present(window.slots).decide(window, now),
    dueAt: (window, now) => present(window.slots).dueAt(window, now),
    onPaneEnd(window, now) {
      const { slots } = window
      // Where another trigger brought the pane, it is not this one's turn that has ended.
      const hasFired = (present(slots).decide(window, now) & fire) !== 0
      present(slots).onPaneEnd(window, now)
      if (hasFired && place(slots) < triggers.length - 1) slots[slot] = place(slots) + 1
    },
  }
}

/** Windows that become one are as far as the one that is less far, as in Beam's AfterEach. */
export function sequenceSlot(length: number): TriggerSlot {
  return { shape: `sequence of ${length}`, create: () => 0, merge: (a, b) => Math.min(a as number, b as number) }
}
