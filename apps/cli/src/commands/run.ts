import { InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { exitCodes } from '../exit-code.ts'
import { action, outputOption, type Register, type Session } from '../command.ts'
import type { CheckTime, RunOptions } from '../run/run-program.ts'
import { acceptRepeatsOption, dropStateOption } from '../restore-options.ts'
import { keepYoungGenerationSmall } from '../run/young-generation.ts'

interface RunCommandOptions {
  readonly parallelism: string
  readonly check: CheckTime | false
  readonly state?: string
  readonly from?: string
  readonly acceptRepeats?: true
  readonly dropState?: string[]
  readonly checkpointInterval?: string
  readonly connections?: string
  readonly ingestPort?: string
  readonly slotMemory?: number
  readonly stateBackend: 'memory' | 'disk'
  readonly stateFolder?: string
  readonly slotSilence?: string
  readonly output: 'text' | 'json'
}

export const registerRun: Register = (program, io) => {
  program
    .command('run <program>')
    .summary('run a program here and now')
    .description(
      `Run a program in this process: no platform, nothing to install. It ends with its input. Ctrl-C reads no more, writes
every result and ends; with --state it takes a savepoint instead, and the next run goes on from it. A second Ctrl-C ends
at once.

A place in S3 is s3://bucket/prefix, with ?region=… or, for other stores than Amazon's, ?endpoint=http://host:port;
credentials come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), a profile or a role.

Connections come from LIGHTFLUS_CONNECTION_<NAME> (a URL, or JSON of kind and options) or from the file
lightflus.connections.yaml (or .json) beside the program.`,
    )
    .option('-p, --parallelism <slots>', 'slots: threads that share the work', '1')
    .option('--state <place>', 'keep checkpoints in this folder or s3://bucket/prefix, and go on from the newest')
    .option('--from <number>', 'with --state: start from this checkpoint or savepoint and ignore newer ones')
    .addOption(acceptRepeatsOption())
    .addOption(dropStateOption())
    .option(
      '--checkpoint-interval <duration>',
      'time between checkpoints; default: with --state 1s while they are small and quick, else 10s; without, none',
    )
    .option('--connections <file>', 'where connections are described')
    .option(
      '--ingest-port <port>',
      'where records are taken over HTTP, on this machine alone; default: any that is free',
    )
    .option(
      '--slot-memory <megabytes>',
      'upper bound of the JavaScript heap of one slot; its state may be three quarters of it',
      megabytes,
    )
    .addOption(
      new Option(
        '--state-backend <where>',
        'where states of functions are: on disk they may be more than memory holds; with --state, for the next run, too',
      )
        .choices(['memory', 'disk'])
        .default('memory'),
    )
    .option(
      '--state-folder <folder>',
      'with --state-backend disk: a folder on a disk of this machine; default: among temporary files',
    )
    .option('--slot-silence <duration>', 'how long a function may keep its slot from answering; default: 30s')
    .addOption(
      new Option('--check <when>', 'check types before it runs, or alongside: a type error then ends the run')
        .choices(['before', 'alongside'])
        .default('alongside'),
    )
    .option('--no-check', 'check no types; syntax, imports and graph are checked all the same')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
With -o json every line is one JSON object with a type: started, row, log, state, progress, diagnostic, summary.

Examples:
  lightflus run word-count.ts
  lightflus run orders.ts --parallelism 4 --state .lightflus/orders
  lightflus run orders.ts --state s3://acme-checkpoints/orders
  LIGHTFLUS_CONNECTION_KAFKA=kafka://localhost:9092 lightflus run orders.ts
  lightflus run totals.ts -o json | jq 'select(.type == "row").row'`,
    )
    .action(action<RunCommandOptions>(io, (session, [path], options) => run(session, path!, options)))
}

function megabytes(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= 32) return Number(text)
  throw new InvalidArgumentError('It is a whole number of megabytes, 32 or more.')
}

function intervalOf(
  { checkpointInterval, state }: RunCommandOptions,
  durationMs: (duration: '1s', owner: string) => number,
): number | 'auto' | null {
  if (checkpointInterval !== undefined) return durationMs(checkpointInterval as '1s', '--checkpoint-interval')
  return state === undefined ? null : 'auto'
}

async function run({ io }: Session, program: string, options: RunCommandOptions): Promise<number> {
  // Checking types first is work for a heap that may grow.
  if (options.check !== 'before') keepYoungGenerationSmall()
  const [{ runProgram }, { durationMs }, view] = await Promise.all([
    import('../run/run-program.ts'),
    import('@lightflus/api'),
    viewOf(io, options.output),
  ])
  const { state } = await runProgram(
    {
      program,
      parallelism: wholeNumber('--parallelism', options.parallelism),
      check: options.check === false ? 'never' : options.check,
      state: options.state,
      from: await fromOf(options),
      dropState: options.dropState ?? [],
      checkpointIntervalMs: intervalOf(options, durationMs),
      connectionsFile: options.connections,
      ingestPort: options.ingestPort === undefined ? 0 : wholeNumber('--ingest-port', options.ingestPort),
      slotSilenceMsMax:
        options.slotSilence === undefined ? undefined : durationMs(options.slotSilence as '1s', '--slot-silence'),
      stateBackend: options.stateBackend,
      stateFolder: options.stateFolder,
      slotHeapBytesMax: options.slotMemory === undefined ? undefined : options.slotMemory * 2 ** 20,
    },
    io,
    view,
  )
  return state === 'CANCELLED' ? exitCodes.interrupted : exitCodes.ok
}

/** @throws LF_CLI_USAGE */
async function fromOf({ state, from, acceptRepeats }: RunCommandOptions): Promise<RunOptions['from']> {
  if (from === undefined) return undefined
  const { LightflusError } = await import('@lightflus/api')
  if (state === undefined) throw new LightflusError('LF_CLI_USAGE', '--from needs --state: the place that keeps it.')
  return { checkpoint: wholeNumber('--from', from), acceptRepeats: acceptRepeats === true }
}

async function viewOf(io: Session['io'], output: 'text' | 'json') {
  if (output === 'json') return (await import('../run/json-view.ts')).jsonView(io)
  if (io.outIsTerminal && io.errIsTerminal) return (await import('../run/terminal-view.ts')).terminalView(io)
  return (await import('../run/plain-view.ts')).plainView(io)
}
