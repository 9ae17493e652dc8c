import { durationMs, LightflusError, type Duration } from '@lightflus/api'
import type { Deployment, DesiredState, DeploymentState } from '@lightflus/contracts'
import type { Command } from 'commander'
import type { Session } from './command.ts'
import type { Platform } from './platform.ts'
import { toneColor } from './printer.ts'

export interface WaitOptions {
  readonly wait: boolean
  readonly timeout: string
}

/** How often the platform is asked, milliseconds. */
const askMs = 250

export const addWaitOptions = (command: Command): Command =>
  command
    .option('--no-wait', 'do not wait until it is done')
    .option('--timeout <duration>', 'how long to wait, such as 30s or 5m', '60s')

/** When a deployment has become what its spec wants. */
const reached: Readonly<Record<DesiredState, readonly DeploymentState[]>> = {
  running: ['RUNNING', 'FINISHED'],
  suspended: ['SUSPENDED'],
  stopped: ['STOPPED'],
  drained: ['STOPPED', 'FINISHED'],
  cancelled: ['CANCELLED'],
}

/**
 * Waits until a deployment is what its spec wants, telling each state on the way, and prints it.
 * @throws LF_CLI_TIMEOUT; the deployment's own error when it FAILED instead.
 */
export async function waited(
  session: Session,
  platform: Platform,
  started: Deployment,
  options: WaitOptions,
): Promise<void> {
  const { deploymentStateFacts } = await import('@lightflus/contracts')
  const { colors } = session.printer
  const describe = ({ job, status }: Deployment) =>
    `${job}: ${toneColor(colors, deploymentStateFacts[status.state].tone)(status.state)} ${colors.dim(status.sentence)}`
  const done = options.wait ? await settled(session, platform, started, options, describe) : started
  session.printer.result(done, describe)
  const next = nextStep(done)
  if (next) session.printer.note(colors.dim(`Next: ${next}`))
}

async function settled(
  { io, printer }: Session,
  platform: Platform,
  started: Deployment,
  options: WaitOptions,
  describe: (deployment: Deployment) => string,
): Promise<Deployment> {
  const { deploymentStateFacts } = await import('@lightflus/contracts')
  const deadline = Date.now() + durationMs(options.timeout as Duration, '--timeout')
  let deployment = started
  let told = ''
  for (;;) {
    const { state, error, observedGeneration } = deployment.status
    const current = observedGeneration >= deployment.spec.generation || deploymentStateFacts[state].terminal
    if (current && reached[deployment.spec.desired].includes(state)) return deployment
    // Nothing more will happen by itself: waiting for another state would be in vain.
    if (current && deploymentStateFacts[state].terminal) {
      if (state === 'FAILED' && error)
        throw new LightflusError(error.code as LightflusError['code'], error.message, {
          nextStep: error.nextStep,
          details: { job: deployment.job },
        })
      return deployment
    }
    if (io.interrupted.aborted) return deployment
    if (state !== told) printer.note(describe(deployment))
    told = state
    if (Date.now() > deadline)
      throw new LightflusError('LF_CLI_TIMEOUT', `Job ${deployment.job} is still ${state} after ${options.timeout}.`, {
        details: { job: deployment.job },
      })
    await new Promise((resolve) => setTimeout(resolve, askMs))
    deployment = (await platform.client.getJob({ params: { name: deployment.job } })).deployment ?? deployment
  }
}

function nextStep({ job, status }: Deployment): string | undefined {
  switch (status.state) {
    case 'RUNNING':
      return `lightflus rows ${job} -f`
    case 'SUSPENDED':
      return `lightflus resume ${job}`
    case 'FAILED':
      return `lightflus logs ${job}`
    default:
      return undefined
  }
}
