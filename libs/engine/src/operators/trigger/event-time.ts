import { fire, nothing, plainTrigger, type Trigger } from './trigger.ts'

/**
 * When the window's time reaches its end, and with each record after it: the default. `early` decides until then,
 * `late` thereafter.
 */
export function eventTimeTrigger(early: Trigger | null, late: Trigger | null): Trigger {
  if (early === null && late === null)
    return plainTrigger(({ isAtEnd, isPastEnd, paneRecords }) => isAtEnd || (isPastEnd && paneRecords > 0))
  const each = plainTrigger(({ paneRecords }) => paneRecords > 0)
  const present = ({ isPastEnd }: { readonly isPastEnd: boolean }) => (isPastEnd ? (late ?? each) : early)
  return {
    decide: (window, now) => (window.isAtEnd ? fire : (present(window)?.decide(window, now) ?? nothing)),
    dueAt: (window, now) => present(window)?.dueAt(window, now) ?? Infinity,
    onPaneEnd: (window, now) => present(window)?.onPaneEnd(window, now),
  }
}
