import { BrokerError, errorCode } from '../protocol/request.ts'
import { initIdentity } from './init-identity.ts'

const { signal } = new AbortController()
const clientThat = (initProducerId: () => Promise<{ producerId: number; epoch: number }>) => ({
  peer: { connection: 'shop', system: 'Kafka', address: 'kafka-1:9092' } as const,
  initProducerId,
})
const refusing = (code: number) => new BrokerError('InitProducerId', code)

test('an identity is asked for again while the broker is not ready', async () => {
  const answers = [errorCode.coordinatorLoadInProgress, errorCode.concurrentTransactions]
  const client = clientThat(() => {
    const error = answers.shift()
    return error === undefined ? Promise.resolve({ producerId: 7, epoch: 0 }) : Promise.reject(refusing(error))
  })
  expect(await initIdentity(client, 'totals', signal)).toEqual({ producerId: 7, epoch: 0, isTransactional: false })
})

test('who may not have one is told what to do', async () => {
  const client = clientThat(() => Promise.reject(refusing(errorCode.clusterAuthorizationFailed)))
  await expect(initIdentity(client, 'totals', signal)).rejects.toEqual(
    expect.objectContaining({
      code: 'LF_CONNECTION_AUTH',
      message: expect.stringMatching(/IdempotentWrite.*'idempotent: false'.*'totals'/) as string,
    }),
  )
})
