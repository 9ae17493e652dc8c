import type { Key } from '@lightflus/api'
import { groupOf, hasLate, keepsLate, resultItem, weightOf } from './build-program.ts'
import { pairsOf } from './evaluate-joins.ts'
import { windowsOf, type EvaluatedWindow } from './evaluate-windows.ts'
import { canonicalRow, settled, textOf } from './final-rows.ts'
import {
  isChangelog,
  isMultiple,
  isSkipped,
  modulo,
  sidesOf,
  timeOf,
  type Item,
  type ModelWindow,
  type Program,
  type ScriptEvent,
  type Side,
  type Step,
  type Terminal,
} from './program.ts'

/** A record as it reaches the terminal, in the order of arrival. */
export interface Arrival extends Item {
  readonly side: Side
  readonly time: number
  /** At which it came. */
  readonly watermark: number
  readonly clock: number
}

export interface Outcome {
  /** As `finalRows` writes them. */
  readonly rows: readonly string[]
  /** Ids of what came too late, sorted, where that is kept. */
  readonly late: readonly number[]
  readonly lateRecords: number
}

/** What a program holds in the end, from the definitions of its operators and all its input at once. */
export function evaluate(program: Program, script: readonly ScriptEvent[]): Outcome {
  const arrivals = arrivalsOf(program, script)
  const { rows, late = [] } = terminalRows(program, arrivals)
  const texts = rows.map(canonicalRow)
  return {
    rows: isChangelog(program) ? (program.rollUp ? rolledUp(texts) : texts.sort()) : settled(program, texts),
    late: keepsLate(program) ? late.map(({ id }) => id).sort((a, b) => a - b) : [],
    lateRecords: late.length,
  }
}

/** What reaches the terminal; also what crashes make come twice counts once. */
function arrivalsOf(program: Program, script: readonly ScriptEvent[]): Arrival[] {
  const sides = sidesOf(program)
  const watermarks: Record<Side, number> = { left: -Infinity, right: -Infinity }
  let clock = 0
  const arrivals: Arrival[] = []
  for (const event of script) {
    if (event.do === 'watermark') watermarks[event.side] = Math.max(watermarks[event.side], timeOf(program, event.to))
    if (event.do === 'end') watermarks[event.side] = Infinity
    if (event.do === 'advance') clock += event.by
    if (event.do !== 'push') continue
    const watermark = Math.min(...sides.map((side) => watermarks[side]))
    for (const { at, ...item } of event.items) {
      const place = { side: event.side, time: timeOf(program, at), watermark, clock }
      for (const result of stepped(program.steps[event.side], [item])) arrivals.push({ ...result, ...place })
    }
  }
  return arrivals
}

function stepped(steps: readonly Step[], items: readonly Item[]): readonly Item[] {
  return steps.reduce(
    (all, step) =>
      all.flatMap((item): Item[] => {
        const { value } = item
        switch (step.op) {
          case 'map':
            return [{ ...item, value: value * step.times + step.plus }]
          case 'mapAsync':
            return [{ ...item, value: value + step.plus }]
          case 'filter':
            return isMultiple(value, step.multiplesOf) ? [] : [item]
          case 'flatMap':
            return Array.from({ length: modulo(value, 3) }, (_, copy) => ({ ...item, id: item.id * 4 + copy }))
          case 'split':
            return isMultiple(value, step.multiplesOf) === (step.take === 'side') ? [item] : []
        }
      }),
    items,
  )
}

interface Rows {
  readonly rows: readonly object[]
  readonly late?: readonly Item[]
}

function terminalRows(program: Program, arrivals: readonly Arrival[]): Rows {
  const { terminal } = program
  const counted = arrivals.filter((arrival) => !isSkipped(program, arrival))
  const byKey = [...Map.groupBy(counted, ({ key }) => key)]
  switch (terminal.op) {
    case 'window': {
      const keyed = terminal.keyed ? arrivals : arrivals.map((arrival) => ({ ...arrival, key: '' }))
      const { windows, late } = windowsOf(program, terminal.window, terminal.lateness * program.tickMs, keyed)
      if (program.again !== null) return { rows: windowedAgain(program, program.again, windows), late }
      return {
        rows: windows.map(({ key, start, end, items }) => ({
          ...(terminal.keyed && { key }),
          ...(terminal.window.kind !== 'global' && { window: { start, end } }),
          ...resultOf(program, items),
        })),
        late: hasLate(terminal.window) ? late : [],
      }
    }
    case 'process':
      return { rows: byKey.flatMap(([key, items]) => withTimers(program, terminal, key, items)) }
    case 'countWindow':
      return {
        rows: byKey.flatMap(([key, items]) =>
          countWindows(items, terminal.size, terminal.every).map((window) => ({ key, ...aggregated(window) })),
        ),
      }
    case 'aggregate':
      return { rows: byKey.map(([key, items]) => ({ key, ...aggregated(items) })) }
    case 'reduce':
      return {
        rows: byKey.map(([key, items]) => {
          const total = (of: (item: Item) => number) => items.reduce((sum, item) => sum + of(item), 0)
          return { key, value: { key, id: total(({ id }) => id), value: total(({ value }) => value) } }
        }),
      }
    case 'deduplicate':
      return { rows: byKey.map(([, items]) => itemOf(terminal.keep === 'first' ? items[0] : items.at(-1)!)) }
    case 'distinctUntilChanged': {
      const remainder = ({ value }: Item) => modulo(value, terminal.modulo)
      const changed = byKey.flatMap(([, items]) =>
        items.filter((item, index) => index === 0 || remainder(item) !== remainder(items[index - 1])),
      )
      return {
        rows: changed.map((item) =>
          terminal.by === 'value' ? itemOf(item) : { key: item.key, value: remainder(item) },
        ),
      }
    }
    case 'topN':
      return {
        rows: byKey.flatMap(([key, items]) => {
          // Sorting is stable: of equal ones the earlier stands first.
          const sorted = items.toSorted((a, b) =>
            terminal.order === 'ascending' ? a.value - b.value : b.value - a.value,
          )
          return sorted.slice(0, terminal.n).map((item, index) => ({ key, rank: index + 1, value: itemOf(item) }))
        }),
      }
    case 'windowJoin':
    case 'intervalJoin':
    case 'join':
    case 'tableJoin':
    case 'temporalJoin':
    case 'connect':
      return { rows: pairsOf(program, terminal, arrivals) }
  }
}

/** No result of a window is late for the next: the watermark that brought it comes behind it. */
function windowedAgain(program: Program, window: ModelWindow, results: readonly EvaluatedWindow[]): object[] {
  const arrivals = results.map(({ end, items }): Arrival => ({
    ...resultItem(aggregated(items)),
    side: 'left',
    time: end - 1,
    watermark: -Infinity,
    clock: 0,
  }))
  return windowsOf({ ...program, throwsOn: null }, window, 0, arrivals).windows.map(({ key, start, end, items }) => ({
    key,
    window: { start, end },
    ...resultOf(program, items),
  }))
}

/** Every record with its number in its key, and every timer with how many there were when its time had come. */
function withTimers(
  { tickMs }: Program,
  { timer, after }: Terminal & { readonly op: 'process' },
  key: Key,
  arrivals: readonly Arrival[],
): object[] {
  const isOfEvents = timer === 'eventTime'
  const now = (arrival: Arrival) => (isOfEvents ? arrival.watermark : arrival.clock)
  const due = (arrival: Arrival) => (isOfEvents ? arrival.time + after * tickMs : arrival.clock + after)
  const rows: object[] = []
  const pending = new Set<number>()
  const callBack = (until: number, seen: number) => {
    for (const time of [...pending]) {
      if (time > until) continue
      pending.delete(time)
      rows.push({ key, due: time, seen })
    }
  }
  arrivals.forEach((arrival, before) => {
    callBack(now(arrival), before)
    rows.push({ key, id: arrival.id, seen: before + 1 })
    pending.add(due(arrival))
  })
  callBack(Infinity, arrivals.length)
  return rows
}

const itemOf = ({ id, key, value }: Item): Item => ({ id, key, value })

function aggregated(items: readonly Item[]) {
  const values = items.map(({ value }) => value)
  return {
    n: values.length,
    total: values.reduce((sum, value) => sum + value, 0),
    least: Math.min(...values),
    most: Math.max(...values),
    items: items.map(itemOf),
  }
}

const resultOf = ({ folds }: Program, records: readonly Item[]) => {
  const { items, ...numbers } = aggregated(records)
  return folds === 'records' ? { ...numbers, items } : numbers
}

/** After every so many records the last `size` of them; at the end those that are in no window yet, and what is before them. */
function countWindows(items: readonly Item[], size: number, every: number): (readonly Item[])[] {
  const windows: (readonly Item[])[] = []
  for (let end = every; end - every < items.length; end += every) {
    const window = items.slice(Math.max(0, end - size), end)
    windows.push(window)
  }
  return windows
}

function rolledUp(rows: readonly string[]): string[] {
  return [...Map.groupBy(rows, groupOf)]
    .map(([key, all]) => textOf({ key, rows: all.length, weight: all.reduce((sum, row) => sum + weightOf(row), 0) }))
    .sort()
}
