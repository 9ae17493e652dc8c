import { action, type Register } from '../command.ts'

interface UpOptions {
  readonly port?: string
  readonly dataDir?: string
  readonly checkpoints?: string
  readonly demo: boolean
  readonly reset?: boolean
  readonly yes?: boolean
}

export const registerUp: Register = (program, io) => {
  program
    .command('up')
    .summary('start a platform on this machine')
    .description(
      'Start the whole platform on this machine: database, control plane, console and workers. It answers this ' +
        'machine only, keeps its data over stops, and runs until Ctrl-C.',
    )
    .option('--port <number>', 'where console and API answer; default: 4400')
    .option('--data-dir <folder>', 'where data lies; default: LIGHTFLUS_DATA_DIR, else ~/.local/share/lightflus')
    .option(
      '--checkpoints <place>',
      'where checkpoints lie: a folder or s3://bucket/prefix; default: in the data folder',
    )
    .option('--no-demo', 'make no demo tenant and no example job at the first start')
    .option('--reset', 'delete all jobs and data first; asks before it does')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  lightflus up\n  lightflus up --port 4500 --data-dir ./platform\n  lightflus up --reset',
    )
    .action(
      action<UpOptions>(io, async (_session, _args, options) => {
        const { becomePlatformProgram } = await import('../up/platform-program.ts')
        becomePlatformProgram('embedded', [
          ...(options.port === undefined ? [] : ['--port', options.port]),
          ...(options.dataDir === undefined ? [] : ['--data-dir', options.dataDir]),
          ...(options.checkpoints === undefined ? [] : ['--checkpoints', options.checkpoints]),
          ...(options.demo ? [] : ['--no-demo']),
          ...(options.reset ? ['--reset'] : []),
          ...(options.yes ? ['--yes'] : []),
        ])
      }),
    )
}
