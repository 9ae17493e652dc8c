import type { LifecycleVerb } from '@lightflus/contracts'
import { action, contextOption, outputOption, type Register } from '../command.ts'
import { addWaitOptions, waited, type WaitOptions } from '../wait.ts'

const verbs: readonly { verb: Exclude<LifecycleVerb, 'deploy'>; summary: string; description: string }[] = [
  {
    verb: 'suspend',
    summary: 'pause a job with a savepoint',
    description: 'Take a savepoint and pause; `resume` goes on from it.',
  },
  {
    verb: 'resume',
    summary: 'go on from the savepoint',
    description: 'Start a suspended job again, from its savepoint.',
  },
  {
    verb: 'stop',
    summary: 'end a job with a savepoint',
    description: 'Take a savepoint and end for good; a new deploy may start from it.',
  },
  {
    verb: 'drain',
    summary: 'end a job after a last result of every window',
    description: 'Read no more, fire every window, flush every sink, end for good.',
  },
  {
    verb: 'cancel',
    summary: 'end a job at once',
    description: 'End at once, without a savepoint; the newest checkpoint remains.',
  },
]

/** The verbs that take a job through its life cycle; deploy has options of its own and a file of its own. */
export const registerLifecycle: Register = (program, io) => {
  for (const { verb, summary, description } of verbs) {
    const command = program.command(`${verb} <job>`).summary(summary).description(description)
    addWaitOptions(command)
      .addOption(contextOption())
      .addOption(outputOption())
      .action(
        action<WaitOptions>(io, async (session, [job], options) => {
          const { connectPlatform } = await import('../platform.ts')
          const platform = await connectPlatform(io, session.contextName)
          const call = {
            suspend: 'suspendJob',
            resume: 'resumeJob',
            stop: 'stopJob',
            drain: 'drainJob',
            cancel: 'cancelJob',
          } as const
          const deployment = await platform.client[call[verb]]({ params: { name: job! } })
          await waited(session, platform, deployment, options)
        }),
      )
  }
}
