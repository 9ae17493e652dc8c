import { chmod } from 'node:fs/promises'
import { freePort, needs, services, temporaryFolder, type TemporaryFolder } from '@lightflus/testing/services'
import { takeBrokerAway } from './broker-away.ts'
import { killAgainAndAgain } from './kills.ts'
import { takePlatformAway } from './platform-away.ts'
import { TallyJob, type TallyServices } from './tally-job.ts'
import { isExact, type Verdict } from './verdict.ts'

// Goal: what a job writes exactly once to Kafka, MySQL, Redis and files is there once, whatever is killed or goes away for a
// while. `npm run faults` does the same for longer.

needs(
  'kafka',
  'mysql',
  'redis',
)('a job that writes exactly once', () => {
  let folder: TemporaryFolder
  const outside = (): TallyServices => {
    const { kafkaBootstrap: kafka, mysqlUrl: mysql, redisUrl: redis } = services()
    return { kafka, mysql, redis }
  }
  const exact = (verdict: Verdict) => {
    expect({ verdict, isExact: isExact(verdict) }).toEqual({ verdict, isExact: true })
    expect(Object.values(verdict).every(({ records }) => records > 0)).toBe(true)
  }
  beforeEach(async () => {
    folder = temporaryFolder('faults')
    await chmod(folder.path, 0o711)
  })
  afterEach(() => folder.remove())

  it('goes on from kills and processes that wake from standstill, with other slots', async () => {
    const seed = 1 + Math.floor(Math.random() * 1_000_000)
    const job = await TallyJob.make({ services: outside(), folder: folder.path, checkpointIntervalMs: 100 })
    const { kills, zombies, verdict } = await killAgainAndAgain(job, { rounds: 8, seed })
    expect({ seed, faults: kills + zombies }).toEqual({ seed, faults: 8 })
    exact(verdict)
    await job.remove()
  }, 300_000)

  it('goes on when its broker answers nothing for a while, or is killed', async () => {
    exact(await takeBrokerAway({ folder: folder.path, services: outside(), awayMs: 2_000 }))
  }, 300_000)

  it('goes on while the platform around its worker is away, and recovers from the loss of the worker', async () => {
    const port = await freePort()
    const { verdict } = await takePlatformAway({ folder: folder.path, port, services: outside(), awayMs: 0 })
    exact(verdict)
  }, 600_000)
})
