import type { Job, JobEvent, Version } from '@lightflus/contracts'
import { LightflusError } from '@lightflus/api'
import { action, contextOption, outputOption, type Register, type Session } from '../command.ts'
import { agoText, bytesText, factsText, rateText, tableText } from '../printer.ts'

const eventsShown = 8

export const registerDescribe: Register = (program, io) => {
  program
    .command('describe <what> <name>')
    .summary('all about a job')
    .description('State, error, checkpoint, operators and last events of a job.')
    .addOption(contextOption())
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  lightflus describe job orders')
    .action(
      action(io, async (session, [what, name]) => {
        if (what !== 'job')
          throw new LightflusError('LF_CLI_USAGE', `There is nothing called '${what}' to describe; there is job.`)
        const { connectPlatform } = await import('../platform.ts')
        const { client } = await connectPlatform(io, session.contextName)
        const params = { name: name! }
        const [job, events] = await Promise.all([
          client.getJob({ params }),
          client.listEvents({ params, query: { limit: eventsShown } }),
        ])
        const number = job.deployment?.spec.version ?? job.latestVersion
        const version = number === null ? null : await client.getVersion({ params: { ...params, version: number } })
        session.printer.result({ job, version, events: events.items }, (all) =>
          describeText(session, all.job, all.version, all.events),
        )
      }),
    )
}

function describeText(
  { printer: { colors } }: Session,
  job: Job,
  version: Version | null,
  events: readonly JobEvent[],
): string {
  const parts = [factsText(colors, jobFacts(job))]
  const error = job.deployment?.status.error
  if (error) parts.push(`${colors.red('Error')} ${error.message}\n  ${error.nextStep} ${colors.dim(`(${error.code})`)}`)
  if (version)
    parts.push(
      `${colors.bold('Operators')}\n${tableText(
        colors,
        ['operator', 'kind', 'connector', 'connection'],
        version.graph.operators.map(({ id, kind, connector, connection }) => [
          id,
          kind,
          connector ?? '–',
          connection ?? '–',
        ]),
      )}`,
    )
  if (events.length > 0)
    parts.push(
      `${colors.bold('Events')}\n${tableText(
        colors,
        ['when', 'state', 'why', 'by'],
        events.map((e) => [agoText(e.at, Date.now()), e.to ?? '–', e.reason, e.actor]),
      )}`,
    )
  return parts.join('\n\n')
}

function jobFacts({ name, deployment, rates, latestVersion, createdAt }: Job): [string, string][] {
  const facts: [string, string][] = [
    ['job', name],
    ['made', agoText(createdAt, Date.now())],
    ['versions', String(latestVersion ?? 0)],
  ]
  if (!deployment) return [...facts, ['state', 'not deployed']]
  const { spec, status } = deployment
  const checkpoint = status.lastCheckpoint
  return [
    ...facts,
    ['state', `${status.state}: ${status.sentence}`],
    ['since', agoText(status.since, Date.now())],
    ['wanted', spec.desired],
    ['version', String(spec.version)],
    ['parallelism', String(spec.parallelism)],
    ['placement', spec.placement],
    ['rates', `${rateText(rates?.in)} in, ${rateText(rates?.out)} out`],
    ['attempt', `${status.attempt} (${status.restarts} restarts)`],
    [
      'checkpoint',
      checkpoint
        ? `${checkpoint.checkpoint} ${agoText(new Date(checkpoint.completedAt).toISOString(), Date.now())}, ${bytesText(checkpoint.bytes)}, took ${Math.round(checkpoint.durationMs)} ms`
        : 'none yet',
    ],
  ]
}
