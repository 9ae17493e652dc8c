import type { JoinKind } from '@lightflus/api'
import type { Arrival } from './evaluate.ts'
import { windowsOf } from './evaluate-windows.ts'
import type { Program, Terminal } from './program.ts'

export interface Pair {
  readonly left: number | null
  readonly right: number | null
}

type JoinTerminal = Terminal & {
  readonly op: 'windowJoin' | 'intervalJoin' | 'join' | 'tableJoin' | 'temporalJoin' | 'connect'
}

/** Pairs of ids, by trying every left record with every right one. */
export function pairsOf(program: Program, terminal: JoinTerminal, arrivals: readonly Arrival[]): readonly Pair[] {
  const left = arrivals.filter(({ side }) => side === 'left')
  const right = arrivals.filter(({ side }) => side === 'right')
  switch (terminal.op) {
    case 'join':
      return paired(left, right, terminal.kind, sameKey)
    case 'tableJoin':
      return tablesJoined(left, right, terminal.kind)
    case 'intervalJoin': {
      const [from, to] = [terminal.from * program.tickMs, terminal.to * program.tickMs]
      const isNear = (a: Arrival, b: Arrival) => b.time >= a.time + from && b.time <= a.time + to
      return paired(left, right, terminal.kind, (a, b) => sameKey(a, b) && isNear(a, b))
    }
    case 'windowJoin':
      return windowsOf(program, terminal.window, 0, arrivals).windows.flatMap(({ items }) =>
        paired(
          items.filter(({ side }) => side === 'left'),
          items.filter(({ side }) => side === 'right'),
          terminal.kind,
          sameKey,
        ),
      )
    case 'connect':
      return left.map((record) => {
        const before = arrivals.slice(0, arrivals.indexOf(record))
        const seen = before.filter(
          (other) => other.side === 'right' && (terminal.isBroadcast || sameKey(other, record)),
        )
        return { left: record.id, right: seen.at(-1)?.id ?? null }
      })
    case 'temporalJoin':
      return left.flatMap((record) => {
        const valid = right.filter((version) => sameKey(record, version) && version.time <= record.time)
        // Of versions of one time the one that came last.
        const newest = valid.reduce<Arrival | undefined>(
          (best, version) => (best === undefined || version.time >= best.time ? version : best),
          undefined,
        )
        if (newest === undefined && terminal.kind === 'inner') return []
        return [{ left: record.id, right: newest?.id ?? null }]
      })
  }
}

const sameKey = (a: Arrival, b: Arrival): boolean => a.key === b.key

function paired(
  left: readonly Arrival[],
  right: readonly Arrival[],
  kind: JoinKind,
  fits: (left: Arrival, right: Arrival) => boolean,
): Pair[] {
  const pairs = left.flatMap((a) => right.filter((b) => fits(a, b)).map((b): Pair => ({ left: a.id, right: b.id })))
  if (kind === 'left' || kind === 'full')
    for (const a of left) if (!right.some((b) => fits(a, b))) pairs.push({ left: a.id, right: null })
  if (kind === 'right' || kind === 'full')
    for (const b of right) if (!left.some((a) => fits(a, b))) pairs.push({ left: null, right: b.id })
  return pairs
}

function tablesJoined(left: readonly Arrival[], right: readonly Arrival[], kind: JoinKind): Pair[] {
  const keys = new Set([...left, ...right].map(({ key }) => key))
  return [...keys].flatMap((key): Pair[] => {
    const [ofLeft, ofRight] = [left, right].map((side) => side.filter((arrival) => arrival.key === key))
    if (ofLeft.length === 0 && kind !== 'right' && kind !== 'full') return []
    if (ofRight.length === 0 && kind !== 'left' && kind !== 'full') return []
    const total = ofLeft.reduce((sum, { value }) => sum + value, 0)
    return [{ left: ofLeft.length === 0 ? null : total, right: ofRight.at(-1)?.id ?? null }]
  })
}
