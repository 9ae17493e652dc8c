import { chmod } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { freePort, startKafka, startMariadb, startRedis, temporaryFolder } from '@lightflus/testing/services'
import { takeBrokerAway } from './broker-away.ts'
import { killAgainAndAgain } from './kills.ts'
import { cutNetwork } from './network-cut.ts'
import { takePlatformAway } from './platform-away.ts'
import { TallyJob } from './tally-job.ts'
import { isExact, type Verdict } from './verdict.ts'

const usage = `Faults that are real, on a job that writes exactly once to Kafka, MySQL, Redis and files of its own servers.
What these show in the end is compared with what came in; the exit code is 1 where they differ.

  npm run faults -- kills [--rounds 200] [--seed 1]   its process is killed, or stands still and wakes, again and again
  npm run faults -- broker [--seconds 30]             the broker stands still, then is killed, for so long each
  npm run faults -- network [--cuts 3] [--seconds 10] all its packets vanish for so long (root; needs ip and nft)
  npm run faults -- platform [--seconds 60]           on a platform of which worker, control plane, Postgres and queue go away
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    cuts: { type: 'string', default: '3' },
    seconds: { type: 'string' },
  },
})
const milliseconds = (byDefault: number): number => Number(values.seconds ?? byDefault) * 1_000
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const scenarios: Readonly<Record<string, (folder: string) => Promise<Verdict>>> = {
  async kills(folder) {
    const seed = Number(values.seed)
    const rounds = Number(values.rounds)
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
  },
  async broker(folder) {
    await using servers = await Servers.start(false)
    return await takeBrokerAway({ folder, services: servers, awayMs: milliseconds(30) })
  },
  network: (folder) => cutNetwork({ folder, cuts: Number(values.cuts), cutMs: milliseconds(10) }),
  async platform(folder) {
    await using servers = await Servers.start(true)
    const options = { folder, port: await freePort(), services: servers, awayMs: milliseconds(60), onStep: say }
    const { workerRecoveryMs, verdict } = await takePlatformAway(options)
    say(`from SIGKILL of the worker to the first record of the next: ${Math.round(workerRecoveryMs)} ms`)
    return verdict
  },
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

const scenario = scenarios[positionals[0] ?? '']
if (!scenario) {
  say(usage)
  process.exitCode = 2
} else {
  await using folder = temporaryFolder('faults')
  // Where this runs as root, Postgres runs as another user, who must get to its data.
  await chmod(folder.path, 0o711)
  const verdict = await scenario(folder.path)
  for (const [sink, { records, missing, doubled, wrong, examples }] of Object.entries(verdict)) {
    say(`${sink}: ${records} records, ${missing} missing, ${doubled} doubled, ${wrong} wrong`)
    examples.forEach((example) => say(`  ${example}`))
  }
  if (!isExact(verdict)) process.exitCode = 1
}
