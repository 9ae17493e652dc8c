import type { OperatorRestore } from '../checkpoint/snapshot.ts'
import type { FrozenOperatorState, OperatorContext, OperatorState, Output } from './operator.ts'
import { BroadcastFunctionContext, BroadcastState } from './process/broadcast-state.ts'
import { ProcessDriver } from './process/process-driver.ts'
import type { KeyGroupStates, StateOptions } from './state/keyed-states.ts'
import { takeStates, type StatesForm } from './state/state-form.ts'
import { addSizes, type MeasuredOperator } from './state-weight/reported-state.ts'
import { undoLogOf } from './state/undo-log.ts'

interface BroadcastSnapshot extends StatesForm {
  /** Null in all subtasks but one, since they would all say the same. */
  readonly columns: KeyGroupStates[] | null
}

interface SubtaskState {
  /** Of the driver; undefined without keys. */
  readonly driver: unknown
  readonly broadcast: BroadcastSnapshot
}

/**
 * Records of the first input, keyed or not, and those of a second that every subtask gets all of. `onBroadcast` writes to
 * the broadcast state, and `onRecord` and `onTimer` read it.
 *
 * Every subtask runs `onBroadcast` and holds the whole broadcast state, but only the first emits what `onBroadcast`
 * returns, so that results do not depend on the parallelism; and only the first puts the state into its snapshot, from which
 * all take it at a restore, however many there are. Subtasks may get records of different senders in different orders,
 * so that `onBroadcast` must not depend on it. The rest is as {@link ProcessDriver} says.
 */
export function createConnectBroadcast(context: OperatorContext<'connectBroadcast'>): MeasuredOperator {
  const { node, functions } = context.operator
  const options = node.options as unknown as { readonly keyed: boolean; readonly broadcastState: StateOptions }
  const undo = undoLogOf(context)
  const broadcast = new BroadcastState(options.broadcastState, functions.broadcastReducers, {
    clock: context.host.clock,
    undo,
  })
  const { onRecord, onBroadcast, onTimer, reducers, migrations } = functions
  const driver = new ProcessDriver(context, {
    keyed: options.keyed,
    reducers,
    migrations,
    onTimer,
    broadcast: broadcast.readers(),
    undo,
  })
  const broadcastContext = new BroadcastFunctionContext(broadcast.handles, driver.results.write)
  const isFirst = context.subtask.index === 0
  const operator = driver.toOperator((batch, output, input) =>
    input === 0
      ? driver.processBatch(batch, output, onRecord, driver.context)
      : driver.processBatch(batch, isFirst ? output : nobody, onBroadcast, broadcastContext),
  )
  return {
    ...operator,
    restore(restored: OperatorRestore) {
      const subtasks = restored.subtasks as SubtaskState[]
      if (options.keyed) driver.restore({ ...restored, subtasks: subtasks.map((each) => each.driver) })
      const { dropped } = restored
      const present = { ...broadcast.form, migrations: functions.broadcastMigrations ?? {} }
      for (const { columns, ...form } of subtasks.map((each) => each.broadcast)) {
        const take = takeStates(context, form, present, { dropped, owner: 'broadcast state' })
        if (columns !== null) broadcast.restore(columns, take)
      }
    },
    stateSize: () => addSizes(driver.stateSize(), broadcast.stateSize()),
    snapshot(): OperatorState {
      const own = options.keyed ? driver.snapshot() : undefined
      return { subtask: subtaskState(own?.subtask), keyGroups: own?.keyGroups ?? new Map() }
    },
    ...(options.keyed && {
      freeze(): FrozenOperatorState {
        const { subtask, keyGroups } = driver.freeze()
        return { subtask: subtaskState(subtask), keyGroups }
      },
    }),
  }

  function subtaskState(own: unknown): SubtaskState {
    return { driver: own, broadcast: { ...broadcast.form, columns: isFirst ? broadcast.snapshot() : null } }
  }
}

/** Takes what the first subtask emits for all. */
const nobody: Output = { emit() {}, emitSide() {} }
