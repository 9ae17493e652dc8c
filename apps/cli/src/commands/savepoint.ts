import { durationMs, LightflusError, type Duration } from '@lightflus/api'
import type { Job } from '@lightflus/contracts'
import { action, contextOption, outputOption, type Register, type Session } from '../command.ts'
import { checkpointsText } from '../listings.ts'
import type { Platform } from '../platform.ts'
import { addWaitOptions, type WaitOptions } from '../wait.ts'

/** How often the platform is asked whether it is there, milliseconds. */
const askMs = 250

export const registerSavepoint: Register = (program, io) => {
  const command = program
    .command('savepoint <job>')
    .summary('take a savepoint of a job that goes on')
    .description(
      'Take a savepoint while the job runs on. Savepoints are kept apart from the checkpoints that come and go; see them with `lightflus get checkpoints`.',
    )
  addWaitOptions(command)
    .addOption(contextOption())
    .addOption(outputOption())
    .action(
      action<WaitOptions>(io, async (session, [name], options) => {
        const { connectPlatform } = await import('../platform.ts')
        const platform = await connectPlatform(io, session.contextName)
        const asked = await platform.client.takeSavepoint({ params: { name: name! } })
        if (!options.wait) return session.printer.result(asked, ({ job }) => `${job}: a savepoint was asked for.`)
        await taken(session, platform, name!, options)
        await showNewest(session, platform, name!)
      }),
    )
}

/** @throws LF_CLI_TIMEOUT; LF_SAVEPOINT_FAILED where the job has ended without one */
async function taken({ io }: Session, { client }: Platform, name: string, { timeout }: WaitOptions): Promise<void> {
  const deadline = Date.now() + durationMs(timeout as Duration, '--timeout')
  for (;;) {
    const { deployment } = await client.getJob({ params: { name } })
    const details = { job: name }
    if (!deployment?.status.savepointPending || io.interrupted.aborted) return
    if (!(await mayComeYet(deployment)))
      throw new LightflusError('LF_SAVEPOINT_FAILED', `Job ${name}, ${deployment.status.state}, took no savepoint.`, {
        details,
      })
    if (Date.now() > deadline)
      throw new LightflusError('LF_CLI_TIMEOUT', `Job ${name} has taken no savepoint after ${timeout}.`, { details })
    await new Promise((resolve) => setTimeout(resolve, askMs))
  }
}

async function mayComeYet({ status }: NonNullable<Job['deployment']>): Promise<boolean> {
  const { deploymentStateFacts } = await import('@lightflus/contracts')
  return !deploymentStateFacts[status.state].terminal && status.state !== 'SUSPENDED'
}

async function showNewest({ printer }: Session, { client }: Platform, name: string): Promise<void> {
  const { items } = await client.listCheckpoints({ params: { name }, query: { limit: 200 } })
  const newest = items.find(({ kind }) => kind === 'savepoint')
  printer.result(newest, () => checkpointsText(printer.colors, newest ? [newest] : []))
}
