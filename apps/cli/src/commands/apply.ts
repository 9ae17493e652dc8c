import { action, contextOption, outputOption, type Register, type Session } from '../command.ts'
import { addWaitOptions, waited, type WaitOptions } from '../wait.ts'

interface ApplyOptions extends WaitOptions {
  readonly file: string
  readonly deploy: boolean
}

export const registerApply: Register = (program, io) => {
  const command = program
    .command('apply')
    .summary('make or change a job from a file')
    .description(
      'Make or change a job: a new version if the program changed, deployed unless --no-deploy. Applying the same again changes nothing.',
    )
    .requiredOption('-f, --file <path>', 'a program (.ts) or a job file (.yaml, .json)')
    .option('--no-deploy', 'only make the version')
    .addHelpText(
      'after',
      `
A job file:
  program: orders.ts       # beside the job file
  deployment:
    parallelism: 2         # slots; default 1
    workers: 1             # over how many the slots are spread; default 1
    exchange: bus          # kafka connection for several workers; default: the platform's
    checkpointIntervalMs: 1000
    placement: shared      # or dedicated`,
    )
  addWaitOptions(command)
    .addOption(contextOption())
    .addOption(outputOption())
    .action(action<ApplyOptions>(io, (session, _args, options) => apply(session, options)))
}

async function apply(session: Session, options: ApplyOptions): Promise<void> {
  const { readJobFile } = await import('../job-file.ts')
  const { connectPlatform } = await import('../platform.ts')
  const { diagnosticText } = await import('../diagnostics.ts')
  const { io, printer } = session
  const file = await readJobFile(io.workingFolder, options.file)
  const platform = await connectPlatform(io, session.contextName)
  const { name, ...body } = options.deploy
    ? { ...file, deployment: file.deployment ?? {} }
    : { name: file.name, program: file.program }
  const { job, versionCreated, diagnostics } = await platform.client.applyJob({ params: { name }, body })
  for (const diagnostic of diagnostics) printer.note(diagnosticText(printer.colors, diagnostic))
  printer.note(
    versionCreated
      ? `Job ${name}: version ${job.latestVersion} made.`
      : `Job ${name}: version ${job.latestVersion} is this program already.`,
  )
  if (options.deploy && job.deployment) return waited(session, platform, job.deployment, options)
  printer.result(job, () => '')
  printer.note(printer.colors.dim(`Next: lightflus deploy ${name}`))
}
