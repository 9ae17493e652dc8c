import { needs, services } from '@lightflus/testing/services'
import { KafkaTools } from '../testing/kafka-tools.ts'
import { WriterJob } from '../testing/kafka-writer.ts'
import type { StopPoint } from '../testing/kafka-writer-plan.ts'

let tools: KafkaTools
let job: WriterJob

const killed = { code: null, signal: 'SIGKILL' }
const ended = { code: 0, signal: null, errors: '' }

const kill = (at: string, isAfter: boolean, nth = 1): StopPoint => ({ at, isAfter, nth, signal: 'SIGKILL' })
const around = (at: string, nth = 1): StopPoint[] => [kill(at, false, nth), kill(at, true, nth)]

/** Which requests are made, by how output is kept and the protocol of transactions. */
const requestsOf = (transactions: 'open' | 'wal', protocol: 1 | 2): string[] => [
  ...['DescribeTransactions', 'InitProducerId', 'Produce', 'TxnOffsetCommit', 'EndTxn'],
  ...(protocol === 1 ? ['AddPartitionsToTxn', 'AddOffsetsToTxn'] : []),
  ...(transactions === 'wal' ? ['OffsetFetch'] : []),
]

/** Numbers that are the same in each run. */
function* randomNumbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

needs('kafka')('a Kafka sink that writes exactly once', () => {
  beforeAll(async () => {
    tools = await KafkaTools.connect(services().kafkaBootstrap)
  })
  afterEach(() => job.remove())
  afterAll(() => tools.close())

  describe.each([
    ['open', 1],
    ['open', 2],
    ['wal', 1],
    ['wal', 2],
  ] as const)('with transactions %s, by protocol %i', (transactions, protocol) => {
    beforeEach(() => {
      job = new WriterJob(tools, { transactions, protocol })
    })

    it('shows every record once, killed around each step, with 3, 1 and 2 subtasks in turn', async () => {
      // The claim, and further on checkpoints and what is committed.
      const points = [1, 2, 3, 4].flatMap((nth) => around('log', nth))
      // Of ids kept for output in the checkpoint there are few, so that there are fewer requests.
      const later = transactions === 'wal' ? 2 : 4
      for (const request of requestsOf(transactions, protocol))
        points.push(...around(request), ...around(request, later))
      for (const [at, stop] of points.entries()) {
        const end = await job.run({ parallelism: [3, 1, 2][at % 3]!, stop })
        expect({ stop, ...end }).toEqual({ stop, ...killed, errors: end.errors })
      }
      expect(await job.run()).toEqual(ended)
      expect(await job.read()).toEqual(job.expected)
    }, 300_000)

    it('shows every record once, killed anywhere', async () => {
      const random = randomNumbers(protocol)
      for (let kills = 0; kills < 10; kills++) {
        const stop = kill('any', random.next().value < 0.5, 1 + Math.floor(random.next().value * 120))
        await job.run({ parallelism: 1 + (kills % 3), stop })
      }
      expect(await job.run()).toEqual(ended)
      expect(await job.read()).toEqual(job.expected)
    }, 120_000)

    it.each(['Produce', 'TxnOffsetCommit', 'EndTxn', 'log'])(
      'shows nothing of an attempt that stood still at %s while the next one ran',
      async (at) => {
        for (const isAfter of [false, true]) {
          const zombie = await job.start({ stop: { at, isAfter, nth: 4, signal: 'SIGSTOP' } })
          await zombie.stopping
          const ended = await job.run({ parallelism: 1 })
          zombie.wake()
          expect(ended).toEqual({ code: 0, signal: null, errors: '' })
          expect(await zombie.ended).toEqual(
            expect.objectContaining({
              code: 1,
              errors: expect.stringMatching(/LF_KAFKA_PRODUCER_FENCED|LF_KAFKA_TRANSACTION_ENDED|EEXIST/) as string,
            }),
          )
        }
        expect(await job.read()).toEqual(job.expected)
      },
      60_000,
    )
  })
})
