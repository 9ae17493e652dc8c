import { chmod } from 'node:fs/promises'
import { freePort, startKafka, startMariadb, startRedis, temporaryFolder } from '@lightflus/testing/services'
import { takeBrokerAway } from './broker-away.ts'
import { readArguments, usage, type FaultArguments } from './fault-arguments.ts'
import { killAgainAndAgain } from './kills.ts'
import { cutNetwork } from './network-cut.ts'
import { takePlatformAway } from './platform-away.ts'
import { TallyJob } from './tally-job.ts'
import { isExact, type Verdict } from './verdict.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function run(folder: string, asked: FaultArguments): Promise<Verdict> {
  switch (asked.scenario) {
    case 'kills':
      return kill(folder, asked.figures)
    case 'broker': {
      await using servers = await Servers.start(false)
      return await takeBrokerAway({ folder, services: servers, awayMs: asked.figures.seconds * 1_000 })
    }
    case 'network':
      return cutNetwork({ folder, cuts: asked.figures.cuts, cutMs: asked.figures.seconds * 1_000 })
    case 'platform': {
      await using servers = await Servers.start(true)
      const awayMs = asked.figures.seconds * 1_000
      const options = { folder, port: await freePort(), services: servers, awayMs, onStep: say }
      const { workerRecoveryMs, verdict } = await takePlatformAway(options)
      say(`from SIGKILL of the worker to the first record of the next: ${Math.round(workerRecoveryMs)} ms`)
      return verdict
    }
  }
}

async function kill(folder: string, { rounds, seed }: { readonly rounds: number; readonly seed: number }) {
  await using servers = await Servers.start(true)
  const job = await TallyJob.make({ services: servers, folder, checkpointIntervalMs: 100 })
  const report = await killAgainAndAgain(job, {
    rounds,
    seed,
    onRound: (round) => void (round % 10 === 0 && say(`${round} of ${rounds}`)),
  })
  await job.remove()
  const of = (share: number) => Math.round(report.recoveriesMs[Math.floor(report.recoveriesMs.length * share)]!)
  say(`${report.kills} killed, ${report.zombies} stood still and woke, ${report.records} records in (seed ${seed})`)
  if (report.recoveriesMs.length > 0)
    say(`from SIGKILL to the first record of the next process: median ${of(0.5)} ms, nine of ten ${of(0.9)} ms`)
  return report.verdict
}

/** Servers of this run alone. */
class Servers implements AsyncDisposable {
  readonly #servers = new AsyncDisposableStack()
  kafka = ''
  mysql = ''
  redis = ''

  static async start(withKafka: boolean): Promise<Servers> {
    const servers = new Servers()
    const start = async (server: Promise<{ readonly address: string; stop(): Promise<void> }>) =>
      servers.#servers.adopt(await server, (each) => each.stop()).address
    servers.mysql = await start(startMariadb())
    servers.redis = await start(startRedis())
    if (withKafka) servers.kafka = await start(startKafka())
    return servers
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#servers.disposeAsync()
  }
}

const asked = readArguments(process.argv.slice(2))
if (asked === 'help') say(usage)
else if ('wrong' in asked) {
  process.stderr.write(`${asked.wrong}\n\n${usage}`)
  process.exitCode = 2
} else {
  await using folder = temporaryFolder('faults')
  // Where this runs as root, Postgres runs as another user, who must get to its data.
  await chmod(folder.path, 0o711)
  const verdict = await run(folder.path, asked)
  for (const [sink, { records, missing, doubled, wrong, examples }] of Object.entries(verdict)) {
    say(`${sink}: ${records} records, ${missing} missing, ${doubled} doubled, ${wrong} wrong`)
    examples.forEach((example) => say(`  ${example}`))
  }
  if (!isExact(verdict)) process.exitCode = 1
}
