import { fold, state, type Migration, type StateSpecs } from '@lightflus/api'
import fc from 'fast-check'
import { makeOperator } from '../../testing/operator-table.ts'
import { testedProcess } from '../../testing/process-specs.ts'

// Goal: values that a former version of a program kept, as the next version finds them.

type States = Record<string, { clear(): void; get?(key?: unknown): unknown; entries?(): Iterable<[unknown, unknown]> }>

function processOf(specs: StateSpecs, onRecord: (value: never, states: States) => unknown) {
  return makeOperator(
    testedProcess({
      state: specs,
      onRecord: (value: never, context) => {
        onRecord(value, context.state as unknown as States)
      },
    }),
  ).operator
}

type Op = ReturnType<typeof processOf>
function feed(operator: Op, keys: readonly string[], values: readonly unknown[]): void {
  void operator.processBatch(
    { keys: [...keys], values: [...values], timestamps: keys.map(() => 0) },
    { emit() {}, emitSide() {} },
    0,
  )
}

function leftBy(operator: Op, dropped?: readonly string[]) {
  const { subtask, keyGroups } = structuredClone(operator.snapshot()!)
  return { subtasks: [subtask], keyGroups, ...(dropped && { dropped }) }
}

/** Every value of a key in all states. */
function contents(operator: Op, keys: readonly string[], read: (states: States) => unknown): unknown[] {
  const found: unknown[] = []
  seen = (states) => found.push(read(states))
  const looks = keys.map(() => look)
  feed(operator, keys, looks)
  return found
}
/** Instead of a record: what the states hold is to be told. */
const look = Symbol('look')
let seen: (states: States) => void = () => {}

interface Former {
  readonly name: string
  readonly visits: number
}
interface Profile {
  readonly fullName: string
  readonly visits: number
  readonly city: string
}

const migrate = (former: Former): Profile => ({ fullName: former.name, visits: former.visits, city: 'unknown' })
/** What a schema does: fields are added by their defaults, and unknown ones are dropped. */
const schema: Migration<Profile> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => ({ value: migrate(value as Former) }),
  },
}
const joined = <M extends Migration<Profile[]>>(version?: number, each?: M) =>
  fold<Former | Profile, (Former | Profile)[]>(
    () => [],
    (all, value) => [...all, value],
    { ...(version && { version }), ...(each && { migrate: each as Migration<(Former | Profile)[]> }) },
  )

const formerStates = {
  last: state.value<Former>(),
  all: state.list<Former>(),
  byName: state.map<string, Former>(),
  folded: state.reducing(joined()),
}

const presentStates = (by: Migration<Profile>) => ({
  last: state.value<Profile>({ version: 2, migrate: by }),
  all: state.list<Profile>({ version: 2, migrate: by }),
  byName: state.map<string, Profile>({ version: 2, migrate: by }),
  folded: state.reducing(joined(2, (former: Former[]) => former.map(migrate))),
  added: state.value<number>(),
})

const writing = (value: Former, states: States): void => {
  if ((value as unknown) === look) return seen(states)
  const { last, all, byName, folded } = states as unknown as {
    last: { set(v: unknown): void }
    all: { add(v: unknown): void }
    byName: { set(k: string, v: unknown): void }
    folded: { add(v: unknown): void }
  }
  last.set(value)
  all.add(value)
  byName.set(value.name, value)
  folded.add(value)
}

const former = fc.record({ name: fc.string({ maxLength: 3 }), visits: fc.nat(9) })
const records = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), former), { minLength: 1, maxLength: 30 })

test.each([
  ['a function', migrate],
  ['a schema', schema],
] as const)('a checkpoint taken by %s is each of its values migrated, and nothing else', (_what, by) => {
  fc.assert(
    fc.property(records, (given) => {
      const first = processOf(formerStates, writing as never)
      feed(
        first,
        given.map(([key]) => key),
        given.map(([, value]) => value),
      )
      const keys = [...new Set(given.map(([key]) => key))]
      const second = processOf(presentStates(by), writing as never)
      second.restore(leftBy(first))
      const shown = contents(second, keys, ({ last, all, byName, folded, added }) => ({
        last: last!.get!(),
        all: all!.get!(),
        byName: [...byName!.entries!()],
        folded: folded!.get!(),
        added: added!.get!(),
      }))
      const expected = keys.map((key) => {
        const own = given.filter(([each]) => each === key).map(([, value]) => value)
        const byName = new Map(own.map((value) => [value.name, migrate(value)]))
        const all = own.map(migrate)
        return { last: all.at(-1), all, byName: [...byName], folded: all, added: undefined }
      })
      expect(shown).toEqual(expected)
      // Migrated once: what it holds now is of the present version.
      const third = processOf(presentStates(by), writing as never)
      third.restore(leftBy(second))
      expect(contents(third, keys, ({ all }) => all!.get!())).toEqual(expected.map(({ all }) => all))
    }),
  )
})

const value = (version?: number, by?: Migration<unknown>) =>
  state.value<unknown>({ ...(version && { version }), ...(by && { migrate: by }) })

function holding(specs: StateSpecs): Op {
  const operator = processOf(specs, (given, states) => {
    for (const each of Object.values(states)) (each as unknown as { set(v: unknown): void }).set(given)
  })
  feed(operator, ['u7'], [{ name: 'Ann' }])
  return operator
}

test('all that does not fit is said at once, each with its remedy', () => {
  const left = leftBy(holding({ gone: value(), newer: value(3, (v) => v), older: value(), kept: value() }))
  const { operator } = makeOperator(
    testedProcess({ state: { newer: value(), older: value(2), kept: value() }, onRecord: () => [] }),
  )
  expect(() => operator.restore(left)).toThrow(
    expect.objectContaining({
      code: 'LF_RESTORE_MISMATCH',
      message:
        "Job test: the checkpoint's state of operator process-1 does not fit: gone (value) is not in the program; newer is of version 3, and of version 1 in the program; older is of version 1, and of version 2 in the program, which has no migrate.",
      nextStep: expect.stringMatching(
        /^Give gone back; deploy a program that knows version 3 of newer, or .*--from\); give older a migrate\. Or drop what they remember: --drop-state process-1\/gone --drop-state process-1\/newer --drop-state process-1\/older\.$/,
      ) as string,
    }),
  )
})

test('a state that does not fit is dropped by its name, and one that fits never is', () => {
  const left = holding({ gone: value(), kept: value() })
  const present = processOf({ kept: value() }, (_value, states) => seen(states))
  present.restore(leftBy(left, ['gone', 'kept']))
  expect(contents(present, ['u7'], ({ kept }) => kept!.get!())).toEqual([{ name: 'Ann' }])
  const all = processOf({ kept: value() }, () => {})
  expect(() => all.restore(leftBy(left, ['all']))).not.toThrow()
  expect(() => all.restore(leftBy(left, ['other']))).toThrow('gone (value) is not in the program')
})

test('a value of which a migration makes nothing is forgotten', () => {
  const present = processOf({ last: value(2, () => undefined) }, (_value, states) => seen(states))
  present.restore(leftBy(holding({ last: value() })))
  expect(present.snapshot()!.keyGroups.size).toBe(0)
})

test.each([
  ['that throws', () => (undefined as unknown as { city: string }).city, 'Cannot read properties of undefined'],
  ['that gives a promise', () => Promise.reject(new Error('late')), 'it gave a promise, and nothing waits for one.'],
  [
    'whose schema refuses the value',
    {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => ({ issues: [{ message: 'too short', path: ['name'] }] }),
      },
    },
    'the schema refuses it: name: too short',
  ],
] as const)('a migration %s ends the start, and names operator, state and key', (_what, by, message) => {
  const present = processOf({ profile: value(2, by as Migration<unknown>) }, () => {})
  expect(() => present.restore(leftBy(holding({ profile: value() })))).toThrow(
    expect.objectContaining({
      code: 'LF_STATE_MIGRATION',
      message: expect.stringMatching(
        new RegExp(
          `^Job test, operator process-1: the value of state profile of key "u7" cannot be migrated from version 1 to 2: ${message}`,
        ),
      ) as string,
      details: { job: 'test', operator: 'process-1', state: 'state profile', key: 'u7', from: 1, to: 2 },
    }),
  )
})
