import { LightflusError } from '@lightflus/api'
import { wholeNumber } from '../arguments.ts'
import { action, outputOption, type Register, type Session } from '../command.ts'

interface InspectOptions {
  readonly checkpoint?: string
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
        'each operator keeps in one of them. Nothing is changed there; the job may run on. A deployed job’s place lies ' +
        'below that of the platform, by the ids of its tenant and of the job.',
    )
    .option('--checkpoint <id>', 'which checkpoint; default: the newest')
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExamples:\n  lightflus state inspect .lightflus/orders\n  lightflus state inspect s3://acme-checkpoints/orders --checkpoint 12',
    )
    .action(action<InspectOptions>(io, (session, [place], options) => inspect(session, place!, options)))
}

async function inspect({ io, printer }: Session, place: string, { checkpoint }: InspectOptions): Promise<void> {
  const id = checkpoint === undefined ? undefined : wholeNumber('--checkpoint', checkpoint)
  const [{ inspectPlace }, { openStorage }, { agoText, bytesText, tableText }] = await Promise.all([
    import('@lightflus/runtime'),
    import('@lightflus/storage'),
    import('../printer.ts'),
  ])
  const storage = openStorage(place, io.workingFolder)
  const found = await inspectPlace(storage, id)
  const { attempt, checkpoints, inspected } = found
  if (!inspected) {
    const kept = checkpoints.map((each) => each.checkpoint).join(', ')
    throw new LightflusError(
      'LF_CLI_USAGE',
      kept === ''
        ? `No checkpoint lies in ${storage.location}.`
        : `Checkpoint ${id} is not in ${storage.location}; kept are ${kept}.`,
    )
  }
  printer.result(found, () =>
    [
      `${storage.location}, attempt ${attempt}\n`,
      tableText(
        printer.colors,
        ['checkpoint', 'kind', 'made', 'stored', 'attempt'],
        checkpoints.map((each) => [
          String(each.checkpoint),
          each.kind,
          agoText(new Date(each.completedAt).toISOString(), Date.now()),
          bytesText(each.bytes),
          each.attempt,
        ]),
      ),
      `\nState in checkpoint ${inspected.checkpoint}, before compression\n`,
      tableText(
        printer.colors,
        ['operator', 'kind', 'subtasks', 'key groups', 'of keys', 'largest group', 'other'],
        inspected.operators.map((each) => [
          each.operator,
          each.kind,
          each.subtasks,
          each.keyGroups,
          bytesText(each.keyedBytes),
          bytesText(each.largestKeyGroupBytes),
          bytesText(each.otherBytes),
        ]),
      ),
    ].join('\n'),
  )
}
