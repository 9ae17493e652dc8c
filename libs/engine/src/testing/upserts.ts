import type { ChangelogStream, Flow } from '@lightflus/api'
import fc from 'fast-check'
import type { ListData } from './list-connector.ts'
import { listSource } from './list-job.ts'

/** A row as tests have it: without the id, so that several rows may be equal. */
export interface TestRow {
  readonly key: string
  readonly n: number
}

/** Says what the row of that id is from now on, or that it is gone. */
export interface Upsert extends TestRow {
  readonly id: number
  readonly gone: boolean
}

/** Few ids, keys and numbers, so that rows change often and equal each other. */
export const anyUpserts = fc.array(
  fc.record<Upsert>({
    id: fc.nat(7),
    key: fc.constantFrom('a', 'b', 'c'),
    n: fc.nat(3),
    gone: fc.boolean(),
  }),
  { maxLength: 40 },
)

/** The upserts as a source reads them: those of one id lie in one partition, so that their order is kept. */
export function upsertData(upserts: readonly Upsert[]): ListData {
  const data: Record<string, { payload: Upsert; timestamp: number }[]> = { 'p/0': [], 'p/1': [], 'p/2': [] }
  upserts.forEach((upsert, index) => data[`p/${upsert.id % 3}`].push({ payload: upsert, timestamp: index }))
  return data
}

/** A changelog of rows that come, change and go. */
export function upsertedRows(flow: Flow, name: string, bounded: boolean): ChangelogStream<TestRow> {
  return flow
    .source(listSource<Upsert>({ bounded }), { name })
    .keyBy(({ id }) => id)
    .deduplicate({ keep: 'last' })
    .filter(({ gone }) => !gone)
    .map(({ key, n }) => ({ key, n }))
}

/** What is there in the end, from the definition. */
export function rowsInTheEnd(upserts: readonly Upsert[]): TestRow[] {
  return upserts
    .filter(({ id, gone }, index) => !gone && !upserts.slice(index + 1).some((later) => later.id === id))
    .map(({ key, n }) => ({ key, n }))
}
