import { LightflusError } from '@lightflus/api'
import { wholeNumber } from '../arguments.ts'
import type { CheckpointStorage, LoggedCheckpoint } from '@lightflus/storage'
import { action, outputOption, type Register, type Session } from '../command.ts'
import { plainValue } from '../plain-value.ts'
import type { Colors, Printer } from '../printer.ts'
import { visibleText } from '../visible-text.ts'

interface InspectOptions {
  readonly checkpoint?: string
  readonly operator?: string
  readonly key?: string
  readonly limit?: string
}

export const registerState: Register = (program, io) => {
  const state = program
    .command('state')
    .summary('look at what a job remembers')
    .description('Look at what a job remembers.')
  state
    .command('inspect <place>')
    .summary('show the checkpoints in a place, and the state in one')
    .description(
      'Show the checkpoints that lie in a folder or in s3://bucket/prefix, as `lightflus run --state` wrote them, and how much ' +
        'each operator keeps in one of them; with --operator what it keeps, key by key. Nothing is changed there; the job may run on. A deployed job’s place lies ' +
        'below that of the platform, by the ids of its tenant and of the job.',
    )
    .option('--checkpoint <id>', 'which checkpoint; default: the newest')
    .option('--operator <name>', 'list what this operator keeps; with -o json one entry a line')
    .option('--key <key>', 'only of this key')
    .option('--limit <n>', 'most entries to list; default: 20')
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExamples:\n  lightflus state inspect .lightflus/orders\n  lightflus state inspect s3://acme-checkpoints/orders --checkpoint 12\n  lightflus state inspect .lightflus/orders --operator per-user --key u7 -o json',
    )
    .action(action<InspectOptions>(io, (session, [place], options) => inspect(session, place!, options)))
}

async function inspect({ io, printer }: Session, place: string, options: InspectOptions): Promise<void> {
  const id = options.checkpoint === undefined ? undefined : wholeNumber('--checkpoint', options.checkpoint)
  const { operator } = options
  if (operator === undefined && (options.key !== undefined || options.limit !== undefined))
    throw new LightflusError('LF_CLI_USAGE', '--key and --limit go with --operator.')
  const [{ inspectPlace }, { openStorage, readLog }] = await Promise.all([
    import('@lightflus/runtime'),
    import('@lightflus/storage'),
  ])
  const storage = openStorage(place, io.workingFolder)
  const { checkpoints } = await readLog(storage)
  const logged = id === undefined ? checkpoints.at(-1) : checkpoints.find(({ checkpoint }) => checkpoint === id)
  if (!logged) throw notKept(storage.location, id, checkpoints)
  if (operator !== undefined) return showEntries(printer, { ...options, operator, storage, logged })
  const { agoText, bytesText, tableText } = await import('../printer.ts')
  const found = await inspectPlace(storage, logged.checkpoint)
  const { inspected } = found
  printer.result(found, () =>
    [
      `${storage.location}, attempt ${found.attempt}\n`,
      tableText(
        printer.colors,
        ['checkpoint', 'kind', 'made', 'stored', 'of it new', 'attempt'],
        checkpoints.map((each) => [
          String(each.checkpoint),
          each.kind,
          agoText(new Date(each.completedAt).toISOString(), Date.now()),
          bytesText(each.bytes),
          bytesText(each.bytesNew ?? each.bytes),
          each.attempt,
        ]),
      ),
      `\nState in checkpoint ${logged.checkpoint}, before compression\n`,
      tableText(
        printer.colors,
        ['operator', 'kind', 'subtasks', 'keys', 'key groups', 'of keys', 'largest group', 'on disk', 'other'],
        inspected!.operators.map((each) => [
          each.operator,
          each.kind,
          each.subtasks,
          each.keys,
          each.keyGroups,
          bytesText(each.keyedBytes),
          bytesText(each.largestKeyGroupBytes),
          bytesText(each.segmentBytes),
          bytesText(each.otherBytes),
        ]),
      ),
    ].join('\n'),
  )
}

function notKept(location: string, id: number | undefined, checkpoints: readonly LoggedCheckpoint[]): LightflusError {
  const kept = checkpoints.map(({ checkpoint }) => checkpoint).join(', ')
  return new LightflusError(
    'LF_CLI_USAGE',
    kept === '' ? `No checkpoint lies in ${location}.` : `Checkpoint ${id} is not in ${location}; kept are ${kept}.`,
  )
}

interface EntriesQuery extends InspectOptions {
  readonly operator: string
  readonly storage: CheckpointStorage
  readonly logged: LoggedCheckpoint
}

async function showEntries(
  printer: Printer,
  { storage, logged, operator, key, limit = '20' }: EntriesQuery,
): Promise<void> {
  const limited = wholeNumber('--limit', limit)
  const { inspectEntries, inspectPlace } = await import('@lightflus/runtime')
  let shown = 0
  for await (const entry of inspectEntries(storage, logged, { operator, key })) {
    if (shown === limited) {
      printer.note(`There are more than ${limited}: list more of them with --limit, or one key with --key.`)
      return
    }
    shown++
    const plain = plainValue(entry) as Readonly<Record<string, unknown>>
    printer.result(plain, () => entryText(printer.colors, plain))
  }
  if (shown > 0) return
  const { inspected } = await inspectPlace(storage, logged.checkpoint)
  const names = inspected!.operators.map((each) => each.operator)
  if (!names.includes(operator))
    throw new LightflusError(
      'LF_CLI_USAGE',
      `Checkpoint ${logged.checkpoint} holds no state of an operator ${operator}; it does of ${names.join(', ') || 'none'}.`,
    )
  printer.note(key === undefined ? `${operator} keeps nothing of any key.` : `${operator} keeps nothing of key ${key}.`)
}

function entryText(
  colors: Colors,
  { operator: _operator, kind: _kind, key, ...fields }: Record<string, unknown>,
): string {
  const text = (value: unknown): string => visibleText(JSON.stringify(value))
  const others = Object.entries(fields).map(([name, value]) => `${colors.dim(`${visibleText(name)}=`)}${text(value)}`)
  return [colors.cyan(text(key)), ...others].join(' ')
}
