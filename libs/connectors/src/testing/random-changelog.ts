import type { ChangeKind } from '@lightflus/api'
import fc from 'fast-check'

export interface TestRow {
  readonly id: string
  readonly n: number
}

export interface TestChange {
  readonly kind: ChangeKind
  readonly row: TestRow
}

/** One write of a changelog, as the engine makes it. */
export interface TestWrite {
  readonly values: readonly TestRow[]
  readonly changes: readonly ChangeKind[]
}

interface Step {
  readonly id: string
  readonly n: number
  /** `move`: an update that gives the row another key, where that one is free. */
  readonly what: 'put' | 'delete' | 'move'
  readonly to: string
}

const ids = ['a', 'B', '1', '01', "it's", 'ä', '{"x":1}', 'long'.repeat(8)]

/** Changelogs as operators emit them: what is updated or deleted was there, with the row that it then had. */
export const changelogs: fc.Arbitrary<readonly TestChange[]> = fc
  .array(
    fc.record({
      id: fc.constantFrom(...ids),
      n: fc.nat(99),
      what: fc.constantFrom<Step['what'][]>('put', 'put', 'delete', 'move'),
      to: fc.constantFrom(...ids),
    }),
    { maxLength: 80 },
  )
  .map((steps) => {
    const rows = new Map<string, TestRow>()
    return steps.flatMap((step) => changesOf(step, rows))
  })

function changesOf({ id, n, what, to }: Step, rows: Map<string, TestRow>): TestChange[] {
  const old = rows.get(id)
  if (old === undefined) {
    if (what !== 'put') return []
    rows.set(id, { id, n })
    return [{ kind: 'insert', row: { id, n } }]
  }
  if (what === 'move' && rows.has(to)) return []
  rows.delete(id)
  if (what === 'delete') return [{ kind: 'delete', row: old }]
  const row = { id: what === 'move' ? to : id, n }
  rows.set(row.id, row)
  return [
    { kind: 'updateBefore', row: old },
    { kind: 'updateAfter', row },
  ]
}

/** Cuts a changelog into writes of these sizes, over and over: also between the two halves of an update. */
export function writesOf(changelog: readonly TestChange[], sizes: readonly number[]): TestWrite[] {
  const writes: TestWrite[] = []
  for (let from = 0, turn = 0; from < changelog.length; turn++) {
    const some = changelog.slice(from, (from += sizes[turn % sizes.length]!))
    writes.push({ values: some.map(({ row }) => row), changes: some.map(({ kind }) => kind) })
  }
  return writes
}

/** The rows that there are in the end, by key: each change on its own. */
export function folded(changelog: readonly TestChange[]): Map<string, number> {
  const rows = new Map<string, number>()
  for (const { kind, row } of changelog)
    if (kind === 'insert' || kind === 'updateAfter') rows.set(row.id, row.n)
    else rows.delete(row.id)
  return rows
}
