import type { ChangeKind } from '@lightflus/api'
import type { ConnectorContext } from '@lightflus/engine'
import { rowWrites } from '../row-writes.ts'
import { unlessRejected } from '../unless-rejected.ts'
import {
  fieldRemovalCommands,
  keyOf,
  recordCommands,
  removalCommands,
  type RecordCommands,
  type WriteOptions,
} from './redis-command.ts'

/**
 * The commands of one write of a changelog: keys are set to their new rows, and deleted with those that are taken back.
 * A hash loses the fields that its new row lacks.
 */
export function rowCommands(
  { operator, rejectRecord }: Pick<ConnectorContext<'sink'>, 'operator' | 'rejectRecord'>,
  options: WriteOptions,
  values: readonly unknown[],
  changes: readonly ChangeKind[],
): RecordCommands[] {
  const { functions } = operator
  const keys = values.map((value, index) => unlessRejected(rejectRecord, index, () => keyOf(functions['key']!(value))))
  const commands: RecordCommands[] = []
  /** Fields of hashes whose new row is still to come, by key. */
  const oldFields = new Map<string, readonly string[]>()
  rowWrites(changes, keys).forEach((write, index) => {
    const key = keys[index]!
    if (write === 'remove') commands.push(removalCommands(key))
    else if (write === 'put') unlessRejected(rejectRecord, index, () => put(key, values[index]))
    else if (write === 'leave' && options.command === 'hash')
      unlessRejected(rejectRecord, index, () =>
        oldFields.set(key, Object.keys(functions['value']!(values[index]) as object)),
      )
  })
  return commands

  function put(key: string, value: unknown): void {
    const written = recordCommands(value, functions, options)
    const [[, , ...content]] = written.commands as readonly [readonly [string, string, ...unknown[]]]
    const gone =
      oldFields.get(key)?.filter((field) => !content.some((part, at) => at % 2 === 0 && part === field)) ?? []
    oldFields.delete(key)
    if (gone.length > 0) commands.push(fieldRemovalCommands(key, gone))
    commands.push(written)
  }
}
