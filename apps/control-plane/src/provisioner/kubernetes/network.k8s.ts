import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { until } from '@lightflus/testing/services'
import { Ears } from '../provisioner.contract.ts'
import type { KubernetesProvisioner } from './kubernetes-provisioner.ts'
import { newWorker } from './testing/new-worker.ts'
import { TestCluster } from './testing/test-cluster.ts'

const deadlineMs = 90_000
const host = process.env.LIGHTFLUS_TEST_HOST
const listeningPort = 8_080

const shared = `
import { connect, createServer } from 'node:net'
const { LIGHTFLUS_CONTROL_PLANE_URL: url, LIGHTFLUS_WORKER_ID: workerId } = process.env
const tell = (slot) => fetch(url, { method: 'POST', body: JSON.stringify({ what: 'started', workerId, slot }) })
setInterval(() => undefined, 1000)
`
const listening = `${shared}
createServer((socket) => socket.end()).listen(${listeningPort}, () => tell({ listens: true }))
`
/** Tries each target for a while: a policy drops what it forbids, so that nothing answers. */
const connecting = (targets: Readonly<Record<string, string>>) => `${shared}
const reaches = (target) => new Promise((resolve) => {
  const [host, port] = target.split(':')
  const socket = connect({ host, port: Number(port), timeout: 3000 })
  for (const event of ['timeout', 'error']) socket.once(event, () => resolve(false) || socket.destroy())
  socket.once('connect', () => resolve(true) || socket.destroy())
})
const targets = ${JSON.stringify(targets)}
const answers = await Promise.all(Object.entries(targets).map(async ([name, target]) => [name, await reaches(target)]))
await tell(Object.fromEntries(answers))
`
const nodeEval = (script: string) => ({ command: ['node', '--input-type=module', '--eval', script] })

// Goal: a worker connects where its platform allows it and nowhere else; nobody connects to it. Needs a cluster whose
// pods have a network of their own and which enforces policies: LIGHTFLUS_TEST_HOST is this machine's address in it.
const suite = host && host !== '127.0.0.1' ? describe : describe.skip

suite('the network of a worker', () => {
  const place = new TestCluster()
  const ears = new Ears()
  const elsewhere = createServer((socket) => socket.end())
  const opened: KubernetesProvisioner[] = []
  const start = async (script: string) => {
    const provisioner = place.open({
      worker: {
        ...nodeEval(script),
        egress: [{ to: [{ ipBlock: { cidr: `${host}/32` } }], ports: [{ port: earsPort() }] }],
      },
    })
    opened.push(provisioner)
    const spec = newWorker(ears.url)
    await provisioner.ensureWorker(spec)
    await until(() => ears.starts(spec).length > 0, { what: 'the worker to tell', deadlineMs })
    return spec
  }
  const earsPort = () => Number(new URL(ears.url).port)

  beforeAll(async () => {
    await ears.open()
    elsewhere.listen(0, host)
    await once(elsewhere, 'listening')
  })
  afterAll(async () => {
    await Promise.all(opened.map((provisioner) => provisioner.close()))
    await place.close()
    ears.close()
    elsewhere.close()
  }, deadlineMs)

  it(
    'leads to the control plane alone, and to no other tenant',
    async () => {
      const other = await start(listening)
      const [pod] = await place.cluster.pods(`lightflus.dev/worker-id=${other.workerId}`)
      const spec = await start(
        connecting({
          controlPlane: `${host}:${earsPort()}`,
          elsewhere: `${host}:${(elsewhere.address() as AddressInfo).port}`,
          otherTenant: `${pod!.status!.podIP}:${listeningPort}`,
        }),
      )
      expect(ears.starts(spec)[0]!.slot).toEqual({ controlPlane: true, elsewhere: false, otherTenant: false })
    },
    3 * deadlineMs,
  )
})
