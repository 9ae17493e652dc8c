/** What a trigger may know of a window, and of its present pane: the records since the last one came out. */
export interface TriggeredWindow {
  readonly start: number
  readonly end: number
  readonly paneRecords: number
  /** The host's clock when the first record of the pane came; NaN while there is none. */
  readonly paneSince: number
  /** The window's time (the watermark, or the clock for windows of processing time) has reached its end. */
  readonly isPastEnd: boolean
  /** It reaches it just now. */
  readonly isAtEnd: boolean
  /** What triggers remember of the window, by their number among those that do: see TriggerSlot. */
  slots: unknown[]
}

/** What becomes of a window's present pane: bits, so that decisions combine. */
export const nothing = 0
/** The pane comes out. */
export const fire = 1
/** What the window holds is dropped; with {@link fire}, after it has come out. */
export const purge = 2
export type Decision = 0 | 1 | 2 | 3

/**
 * The rule when a window's pane comes out. It begins anew with every pane, and never ends by itself: so no record of a
 * window can be left over. Whoever drives it asks `decide` after each record, when the window's time reaches its end
 * and when the clock has reached `dueAt`; the last pane, when the window is closed, comes out without being asked for.
 */
export interface Trigger {
  decide(window: TriggeredWindow, now: number): Decision
  /** The next time after `now`, by the host's clock, at which it may decide otherwise without a further record; or Infinity. */
  dueAt(window: TriggeredWindow, now: number): number
  /** The pane has come out or was dropped; asked before the window's facts are those of the next one. */
  onPaneEnd(window: TriggeredWindow, now: number): void
}

/**
 * A trigger that remembers nothing, and is ready from one moment of the pane on.
 * @param readyAt when it becomes so by the clock alone.
 */
export function plainTrigger(
  isReady: (window: TriggeredWindow, now: number) => boolean,
  readyAt: (window: TriggeredWindow) => number = () => Infinity,
): Trigger {
  return {
    decide: (window, now) => (isReady(window, now) ? fire : nothing),
    dueAt(window, now) {
      const at = readyAt(window)
      return at > now ? at : Infinity
    },
    onPaneEnd() {},
  }
}
