import { Option } from 'commander'
import { action, contextOption, outputOption, type Register } from '../command.ts'
import { acceptRepeatsOption, dropStateOption } from '../restore-options.ts'
import { addWaitOptions, waited, type WaitOptions } from '../wait.ts'

interface DeployOptions extends WaitOptions {
  readonly version?: string
  readonly parallelism?: string
  readonly workers?: string
  readonly exchange?: string
  readonly placement?: 'shared' | 'dedicated'
  readonly restore: boolean
  readonly from?: string
  readonly acceptRepeats?: true
  readonly dropState?: string[]
}

export const registerDeploy: Register = (program, io) => {
  const command = program
    .command('deploy <job>')
    .summary('run a version of a job')
    .description('Run a version of a job, by default the newest, from its newest checkpoint if there is one.')
    .option('--version <number>', 'which version; default: the newest')
    .option('--parallelism <slots>', 'number of slots')
    .option(
      '--workers <number>',
      'over how many workers (processes, machines) the slots are spread; at most one a slot',
    )
    .option(
      '--exchange <connection>',
      'kafka connection by which several workers exchange records; default: the platform’s',
    )
    .addOption(
      new Option('--placement <where>', 'among other small jobs, or in a worker of its own').choices([
        'shared',
        'dedicated',
      ]),
    )
    .option('--no-restore', 'begin afresh although a checkpoint exists')
    .option('--from <number>', 'start from this checkpoint or savepoint and ignore newer ones: see `get checkpoints`')
    .addOption(acceptRepeatsOption())
    .addOption(dropStateOption())
    .addHelpText(
      'after',
      `
Examples:
  lightflus deploy orders
  lightflus deploy orders --version 3 --from 41      # back to version 3, with its savepoint 41
  lightflus deploy orders --parallelism 8 --workers 2
  lightflus deploy orders --drop-state per-user      # the new version has no operator per-user`,
    )
  addWaitOptions(command)
    .addOption(contextOption())
    .addOption(outputOption())
    .action(
      action<DeployOptions>(io, async (session, [name], { version, parallelism, workers, exchange, ...others }) => {
        const { placement, restore, from, acceptRepeats, dropState, ...wait } = others
        const { connectPlatform } = await import('../platform.ts')
        const { wholeNumber } = await import('../arguments.ts')
        const platform = await connectPlatform(io, session.contextName)
        const deployment = await platform.client.deployJob({
          params: { name: name! },
          body: {
            restore,
            ...(from === undefined ? {} : { from: wholeNumber('--from', from) }),
            ...(acceptRepeats ? { acceptRepeats } : {}),
            ...(dropState === undefined ? {} : { dropState }),
            ...(version === undefined ? {} : { version: wholeNumber('--version', version) }),
            ...(parallelism === undefined ? {} : { parallelism: wholeNumber('--parallelism', parallelism) }),
            ...(workers === undefined ? {} : { workers: wholeNumber('--workers', workers) }),
            ...(exchange === undefined ? {} : { exchange }),
            ...(placement === undefined ? {} : { placement }),
          },
        })
        await waited(session, platform, deployment, wait)
      }),
    )
}
