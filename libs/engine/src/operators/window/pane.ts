import type { Pane } from '@lightflus/api'

/** Of most results: the window fires once, on time, and nothing more comes of it. One object for all, so never change it. */
export const onlyPane: Pane = Object.freeze({ timing: 'onTime', index: 0, isFirst: true, isLast: true })

/** On time and first, but late records may correct it. */
const firstPane: Pane = Object.freeze({ timing: 'onTime', index: 0, isFirst: true, isLast: false })

/** @param index how many panes of the window came before. */
export function paneOf(timing: Pane['timing'], index: number, isLast: boolean): Pane {
  if (timing === 'onTime' && index === 0) return isLast ? onlyPane : firstPane
  return { timing, index, isFirst: index === 0, isLast }
}
