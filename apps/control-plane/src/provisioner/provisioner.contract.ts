import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { uniqueName, until } from '@lightflus/testing/services'
import type { Provisioner, WorkerPresence, WorkerSpec } from './provisioner.ts'

/** What `fake-worker.fixture.mjs` tells of itself. */
export interface Tale {
  readonly what: 'started' | 'signal'
  readonly workerId: string
  readonly token: string
  /** Another one with each start of the worker's process. */
  readonly life: string
  readonly environment?: readonly string[]
  /** What a thread of the worker may do, under the options that it was told for its slots. */
  readonly slot?: Readonly<Record<string, boolean>>
}

/** One place for workers; `open` gives the provisioner of one more control plane on it. */
export interface ProvisionerPlace {
  open(): Promise<Provisioner>
  /** Ends the process of a worker as a crash would. */
  kill(spec: WorkerSpec): Promise<void>
  /** Folder for checkpoints that workers may write, where the place has folders. */
  readonly checkpointLocations: readonly string[]
  close(): Promise<void>
}

/** A machine under load may take its time to place a pod. */
const deadlineMs = 90_000

/** This machine's address as workers reach it: on a cluster, LIGHTFLUS_TEST_HOST says it where pods have their own network. */
const host = process.env.LIGHTFLUS_TEST_HOST ?? '127.0.0.1'

/** A control plane's ears: where the stand-in workers tell of themselves. */
export class Ears {
  readonly tales: Tale[] = []
  readonly #server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      this.tales.push(JSON.parse(body) as Tale)
      response.end()
    })
  })

  async open(): Promise<void> {
    this.#server.listen(0, host)
    await once(this.#server, 'listening')
  }

  get url(): string {
    return `http://${host}:${(this.#server.address() as AddressInfo).port}`
  }

  starts({ workerId }: { readonly workerId: string }): readonly Tale[] {
    return this.tales.filter((tale) => tale.what === 'started' && tale.workerId === workerId)
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** The suite that every driver of {@link Provisioner} passes; the numbers are the port's clauses. */
export function describeProvisioner(name: string, makePlace: () => Promise<ProvisionerPlace>): void {
  describe(`provisioner: ${name}`, () => {
    const ears = new Ears()
    let place: ProvisionerPlace
    let provisioner: Provisioner
    const placed: WorkerSpec[] = []

    const newSpec = (token = 'plain'): WorkerSpec => {
      const spec: WorkerSpec = {
        workerId: randomUUID(),
        tenantId: randomUUID(),
        tenantName: uniqueName('tenant', '-'),
        placement: 'shared',
        token: `${token}-${randomUUID()}`,
        controlPlaneUrl: ears.url,
        slots: 1,
        slotHeapBytesMax: 64 * 1024 * 1024,
        checkpointLocations: place.checkpointLocations,
      }
      placed.push(spec)
      return spec
    }
    const started = (spec: WorkerSpec, times = 1) =>
      until(() => ears.starts(spec).length >= times, { what: `start ${times} of the worker`, deadlineMs })
    const presence = async (spec: WorkerSpec) => (await provisioner.observe(spec))[0].presence
    const becomes = (spec: WorkerSpec, ...wanted: WorkerPresence[]) =>
      until(async () => wanted.includes(await presence(spec)), { what: `presence ${wanted.join(' or ')}`, deadlineMs })
    const running = async (spec: WorkerSpec) => {
      await provisioner.ensureWorker(spec)
      await started(spec)
      await becomes(spec, 'running')
    }

    beforeAll(async () => {
      await ears.open()
      place = await makePlace()
    }, deadlineMs)
    beforeEach(async () => {
      provisioner = await place.open()
    })
    afterEach(async () => {
      await Promise.all(placed.splice(0).map((spec) => provisioner.removeWorker(spec)))
      await provisioner.close()
    }, deadlineMs)
    afterAll(async () => {
      await place.close()
      ears.close()
    }, deadlineMs)

    it('knows nothing of a worker that was never placed', async () => {
      const spec = newSpec()
      expect(await provisioner.observe(spec)).toEqual([
        { workerId: spec.workerId, tenantId: spec.tenantId, presence: 'absent', detail: null },
      ])
    })

    it(
      '1: places one worker, however often and by however many it is asked for',
      async () => {
        const spec = newSpec()
        const other = await place.open()
        await Promise.all([provisioner, other, provisioner, other].map((each) => each.ensureWorker(spec)))
        await started(spec)
        await becomes(spec, 'running')
        await provisioner.ensureWorker(spec)
        await other.ensureWorker(spec)
        await other.close()
        expect(ears.starts(spec).map(({ token }) => token)).toEqual([spec.token])
        const all = await provisioner.observe()
        expect(all.filter(({ workerId }) => workerId === spec.workerId)).toMatchObject([
          { workerId: spec.workerId, tenantId: spec.tenantId, presence: 'running', detail: null },
        ])
      },
      2 * deadlineMs,
    )

    it(
      '2: leaves a running worker alone when its spec changes',
      async () => {
        const spec = newSpec()
        await running(spec)
        await provisioner.ensureWorker({ ...spec, slots: 2 })
        await provisioner.ensureWorker(spec)
        expect(await presence(spec)).toBe('running')
        expect(ears.starts(spec)).toHaveLength(1)
      },
      2 * deadlineMs,
    )

    it(
      '2: starts a worker again that ended, and tells of the change',
      async () => {
        const spec = newSpec()
        await running(spec)
        const changes: string[] = []
        const stop = provisioner.onChange(({ workerId }) => changes.push(workerId))
        await place.kill(spec)
        await until(() => changes.includes(spec.workerId), { what: 'the wake-up', deadlineMs })
        await provisioner.ensureWorker(spec)
        await started(spec, 2)
        await becomes(spec, 'running')
        stop()
        const [first, second] = ears.starts(spec)
        expect(second!.life).not.toBe(first!.life)
        expect(second!.token).toBe(spec.token)
      },
      3 * deadlineMs,
    )

    it(
      '3: asks a worker to end before it is gone; twice does no harm',
      async () => {
        const spec = newSpec()
        await running(spec)
        await provisioner.removeWorker(spec)
        await becomes(spec, 'absent')
        expect(ears.tales.filter(({ what, workerId }) => what === 'signal' && workerId === spec.workerId)).toHaveLength(
          1,
        )
        await provisioner.removeWorker(spec)
        expect(await presence(spec)).toBe('absent')
        expect(ears.starts(spec)).toHaveLength(1)
      },
      3 * deadlineMs,
    )

    it(
      '3: ends a worker that does not end by itself',
      async () => {
        const spec = newSpec('stubborn')
        await running(spec)
        await provisioner.removeWorker(spec)
        await becomes(spec, 'absent')
      },
      3 * deadlineMs,
    )

    it(
      '4: lists workers of a control plane that is gone, and can end them',
      async () => {
        const spec = newSpec()
        const earlier = await place.open()
        await earlier.ensureWorker(spec)
        await started(spec)
        await earlier.close()
        const listed = async () => (await provisioner.observe()).find(({ workerId }) => workerId === spec.workerId)
        await until(async () => (await listed())?.presence === 'running', {
          what: 'the worker in the list',
          deadlineMs,
        })
        expect(ears.starts(spec)).toHaveLength(1)
        const { workerId, tenantId, tenantName } = spec
        await provisioner.removeWorker({ workerId, tenantId, tenantName })
        await until(async () => (await listed()) === undefined, { what: 'the worker to be gone', deadlineMs })
      },
      3 * deadlineMs,
    )

    it(
      '5: does not wait for a worker to work, and says why one does not stay',
      async () => {
        const spec = newSpec('frail')
        await provisioner.ensureWorker(spec)
        await started(spec)
        const why = async () => {
          const [seen] = await provisioner.observe(spec)
          return seen.presence !== 'running' && seen.detail !== null
        }
        await until(why, { what: 'an ended worker with a reason', deadlineMs })
      },
      2 * deadlineMs,
    )
  })
}
