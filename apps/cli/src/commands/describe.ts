import type { Job, JobEvent, JobMetrics, Version } from '@lightflus/contracts'
import { LightflusError } from '@lightflus/api'
import { action, contextOption, outputOption, type Register, type Session } from '../command.ts'
import { agoText, bytesText, factsText, numberText, rateText, spanText, tableText } from '../printer.ts'

const eventsShown = 8

export const registerDescribe: Register = (program, io) => {
  program
    .command('describe <what> <name>')
    .summary('all about a job')
    .description('State, error, checkpoints, lag, operators with their state, and last events of a job.')
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
        const [job, metrics, events] = await Promise.all([
          client.getJob({ params }),
          client.getMetrics({ params }),
          client.listEvents({ params, query: { limit: eventsShown } }),
        ])
        const number = job.deployment?.spec.version ?? job.latestVersion
        const version = number === null ? null : await client.getVersion({ params: { ...params, version: number } })
        session.printer.result({ job, metrics, version, events: events.items }, (all) => describeText(session, all))
      }),
    )
}

interface Described {
  readonly job: Job
  readonly metrics: JobMetrics
  readonly version: Version | null
  readonly events: readonly JobEvent[]
}

function describeText({ printer: { colors } }: Session, { job, metrics, version, events }: Described): string {
  const parts = [factsText(colors, [...jobFacts(job), ...lagFacts(metrics)])]
  const error = job.deployment?.status.error
  if (error) parts.push(`${colors.red('Error')} ${error.message}\n  ${error.nextStep} ${colors.dim(`(${error.code})`)}`)
  const workers = job.deployment?.status.workers ?? []
  if (workers.length > 0)
    parts.push(
      `${colors.bold('Workers')}\n${tableText(colors, ['worker', 'state', 'heard', 'memory'], workers.map(workerRow))}`,
    )
  if (version)
    parts.push(
      `${colors.bold('Operators')}\n${tableText(
        colors,
        ['operator', 'kind', 'connector', 'connection', 'in', 'out', 'state rows', 'state size'],
        version.graph.operators.map(({ id, kind, connector, connection }) => [
          id,
          kind,
          connector ?? '–',
          connection ?? '–',
          ...measuredCells(metrics, id),
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
    ['workers', workersText(spec)],
    ...(spec.workers === 1 ? [['placement', spec.placement] as [string, string]] : []),
    ['rates', `${rateText(rates?.in)} in, ${rateText(rates?.out)} out`],
    ['attempt', `${status.attempt} (${status.restarts} restarts)`],
    ['checkpoint', checkpoint ? checkpointText(checkpoint) : 'none yet'],
    ['checkpoints', countsText(status.checkpointCounts)],
  ]
}

type Spec = NonNullable<Job['deployment']>['spec']
type Status = NonNullable<Job['deployment']>['status']

function workersText({ workers, exchange }: Spec): string {
  if (workers === 1) return '1'
  return `${workers}, which exchange records by ${exchange === null ? 'the platform’s Kafka' : `connection ${exchange}`}`
}

function workerRow({ number, state, heardAt, residentBytes, error }: Status['workers'][number]): string[] {
  return [
    String(number),
    error ? `${error.code}: ${error.message}` : state,
    heardAt === null ? '–' : agoText(heardAt, Date.now()),
    residentBytes === null ? '–' : bytesText(residentBytes),
  ]
}

function checkpointText(newest: NonNullable<Status['lastCheckpoint']>): string {
  const { checkpoint, completedAt, bytes, durationMs, alignmentMs, pauseMs, commitMs } = newest
  const made = agoText(new Date(completedAt).toISOString(), Date.now())
  return [
    `${checkpoint} ${made}, ${bytesText(bytes)}, took ${spanText(durationMs)}`,
    ...(alignmentMs === null ? [] : [`aligned in ${spanText(alignmentMs)}`]),
    ...(pauseMs === null ? [] : [`paused a subtask ${spanText(pauseMs)}`]),
    ...(commitMs === null ? [] : [`committed in ${spanText(commitMs)}`]),
  ].join(', ')
}

function countsText({ completed, failed, lastFailure }: Status['checkpointCounts']): string {
  const counts = `${numberText(completed)} made, ${numberText(failed)} failed`
  if (!lastFailure) return counts
  return `${counts}; ${lastFailure.checkpoint} ${agoText(new Date(lastFailure.at).toISOString(), Date.now())}: ${lastFailure.reason}`
}

function lagFacts({ lagRecords, watermarkLagMs }: JobMetrics): [string, string][] {
  return [
    ...(lagRecords === null
      ? []
      : [['lag', `${numberText(lagRecords)} records behind the source`] as [string, string]]),
    ...(watermarkLagMs === null ? [] : [['watermark', `${spanText(watermarkLagMs)} behind now`] as [string, string]]),
  ]
}

function measuredCells({ operators }: JobMetrics, id: string): string[] {
  const figures = operators.find(({ operator }) => operator === id)
  if (!figures) return ['–', '–', '–', '–']
  const { recordsIn, recordsOut, stateEntries, stateBytes } = figures
  const hasState = stateEntries > 0 || stateBytes > 0
  return [
    numberText(recordsIn),
    numberText(recordsOut),
    ...(hasState ? [numberText(stateEntries), bytesText(stateBytes)] : ['–', '–']),
  ]
}
