import { Argument } from 'commander'
import { LightflusError } from '@lightflus/api'
import type { Deployment, Job } from '@lightflus/contracts'
import { action, contextOption, outputOption, type Register, type Session } from '../command.ts'
import type { Platform } from '../platform.ts'
import { agoText, rateText, tableText, toneColor } from '../printer.ts'

type Getter = (session: Session, platform: Platform, name: string | undefined) => Promise<void>

const getters: Readonly<Record<string, Getter>> = {
  async jobs(session, { client }, name) {
    const jobs = name
      ? [await client.getJob({ params: { name } })]
      : (await client.listJobs({ query: { limit: 200 } })).items
    const facts = await stateTones()
    session.printer.result(name ? jobs[0] : jobs, () =>
      jobs.length === 0
        ? 'No jobs yet. Make one with: lightflus apply -f program.ts'
        : tableText(
            session.printer.colors,
            ['name', 'state', 'version', 'in', 'out', 'since'],
            jobs.map((job) => jobRow(session, facts, job)),
          ),
    )
  },
  async versions(session, { client }, name) {
    const { items } = await client.listVersions({ params: { name: needed('versions', name) }, query: { limit: 200 } })
    session.printer.result(items, () =>
      tableText(
        session.printer.colors,
        ['version', 'made', 'by', 'graph'],
        items.map((v) => [String(v.version), agoText(v.createdAt, Date.now()), v.createdBy, v.graphHash.slice(0, 12)]),
      ),
    )
  },
  async events(session, { client }, name) {
    const { items } = await client.listEvents({ params: { name: needed('events', name) }, query: { limit: 100 } })
    session.printer.result(items, () =>
      tableText(
        session.printer.colors,
        ['when', 'what', 'state', 'why', 'by'],
        items.map((e) => [agoText(e.at, Date.now()), e.kind, e.to ?? '–', e.reason, e.actor]),
      ),
    )
  },
  checkpoints: async (session, platform, name) =>
    (await import('../listings.ts')).showCheckpoints(session, platform, needed('checkpoints', name)),
  async deployments(session, { client }) {
    const { items } = await client.listJobs({ query: { limit: 200 } })
    const deployments = items.flatMap(({ deployment }) => (deployment ? [deployment] : []))
    const facts = await stateTones()
    session.printer.result(deployments, () =>
      deployments.length === 0
        ? 'No deployments yet. Make one with: lightflus apply -f program.ts'
        : tableText(
            session.printer.colors,
            ['job', 'version', 'state', 'attempt', 'restarts', 'slots', 'workers', 'placement', 'since'],
            deployments.map((deployment) => deploymentRow(session, facts, deployment)),
          ),
    )
  },
  connections: async (session, platform) => (await import('../listings.ts')).showConnections(session, platform),
  usage: async (session, platform) => (await import('../listings.ts')).showUsage(session, platform, {}),
  'api-keys': async (session, platform) => (await import('../listings.ts')).showApiKeys(session, platform),
}

export const registerGet: Register = (program, io) => {
  program
    .command('get')
    .addArgument(new Argument('<what>', 'what to get').choices(['job', ...Object.keys(getters)]))
    .argument('[job]', 'the job, for job, versions, events and checkpoints')
    .summary('list jobs and what belongs to them')
    .description(
      'List jobs, deployments, connections, usage or API keys, or get one job, its versions, its events or its checkpoints.',
    )
    .addOption(contextOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExamples:\n  lightflus get jobs\n  lightflus get job orders -o json\n  lightflus get versions orders\n  lightflus get events orders',
    )
    .action(
      action(io, async (session, [what, name]) => {
        if (what === 'job') needed('job', name)
        const { connectPlatform } = await import('../platform.ts')
        await getters[what === 'job' ? 'jobs' : what!]!(session, await connectPlatform(io, session.contextName), name)
      }),
    )
}

function needed(what: string, name: string | undefined): string {
  if (name) return name
  throw new LightflusError('LF_CLI_USAGE', `get ${what} takes the name of a job.`)
}

const stateTones = async () => (await import('@lightflus/contracts')).deploymentStateFacts
type Tones = Awaited<ReturnType<typeof stateTones>>

function jobRow({ printer }: Session, facts: Tones, { name, deployment, rates, latestVersion }: Job): string[] {
  if (!deployment) return [name, printer.colors.dim('not deployed'), String(latestVersion ?? '–'), '–', '–', '–']
  return [
    name,
    stateText(printer, facts, deployment),
    String(deployment.spec.version),
    rateText(rates?.in),
    rateText(rates?.out),
    agoText(deployment.status.since, Date.now()),
  ]
}

function deploymentRow({ printer }: Session, facts: Tones, deployment: Deployment): (string | number)[] {
  const { job, spec, status } = deployment
  const state = stateText(printer, facts, deployment)
  return [
    job,
    spec.version,
    state,
    status.attempt,
    status.restarts,
    spec.parallelism,
    spec.workers,
    spec.placement,
    agoText(status.since, Date.now()),
  ]
}

const stateText = ({ colors }: Session['printer'], facts: Tones, { status }: Deployment): string =>
  toneColor(colors, facts[status.state].tone)(status.state)
