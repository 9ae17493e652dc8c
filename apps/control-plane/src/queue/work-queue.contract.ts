import { until } from '@lightflus/testing/services'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { QueueName, WakeHandler, WorkQueue } from './work-queue.ts'

export interface ReportedError {
  readonly queue: QueueName
  readonly key: string
  readonly error: unknown
}

/** One place that control planes share: `open` makes a queue for one more of them. */
export interface WorkQueuePlace {
  open(onError: (report: ReportedError) => void): WorkQueue
  /** False: each queue is alone in its process, so the clauses about several control planes do not apply. */
  readonly shared: boolean
}

export const eventually = (what: string, condition: () => boolean | Promise<boolean>) => until(condition, { what })

/** A handler that stops at each call until it is let go on, and remembers what it was called with. */
export function gatedHandler() {
  const started: string[] = []
  const waiting: { key: string; go: (error?: Error) => void }[] = []
  let parallelMax = 0
  let open = false
  const handler: WakeHandler = async (key) => {
    started.push(key)
    if (open) return
    return new Promise<void>((resolve, reject) => {
      waiting.push({ key, go: (error) => (error ? reject(error) : resolve()) })
      parallelMax = Math.max(parallelMax, waiting.length)
    })
  }
  return {
    handler,
    started,
    parallelMax: () => parallelMax,
    /** Waits for a call in hand and ends it. */
    async release(error?: Error): Promise<string> {
      await eventually('the handler is called', () => waiting.length > 0)
      const call = waiting.shift()!
      call.go(error)
      return call.key
    },
    /** Ends every call, those in hand and those to come. */
    open(): void {
      open = true
      for (const call of waiting.splice(0)) call.go()
    },
  }
}

/** The suite that every driver of {@link WorkQueue} passes; the numbers are the port's clauses. */
export function describeWorkQueue(name: string, makePlace: () => WorkQueuePlace): void {
  describe(`work queue: ${name}`, () => {
    const open: WorkQueue[] = []
    const errors: ReportedError[] = []
    const start = (place: WorkQueuePlace = makePlace()) => {
      const queue = place.open((report) => errors.push(report))
      open.push(queue)
      return queue
    }
    /** A key woken after all others and handled: whatever they were to cause had its chance. */
    const settle = async (queue: WorkQueue, started: readonly string[], marker: string) => {
      await queue.wake('deployments', marker)
      await eventually(`${marker} is handled`, () => started.includes(marker))
    }

    afterEach(async () => {
      await Promise.all(open.splice(0).map((queue) => queue.close()))
      errors.length = 0
    })

    it('1: runs the handler for a key after wake has resolved', async () => {
      const queue = start()
      const seen: string[] = []
      queue.consume('deployments', async (key) => void seen.push(key), { concurrency: 1 })
      await queue.wake('deployments', 'tenant-1/job-1')
      await eventually('the key is handled', () => seen.length === 1)
      expect(seen).toEqual(['tenant-1/job-1'])
    })

    it('1: hands over what was woken before there was a handler', async () => {
      const queue = start()
      const seen: string[] = []
      await queue.wake('checkpoints', 'early')
      queue.consume('checkpoints', async (key) => void seen.push(key), { concurrency: 1 })
      await eventually('the key is handled', () => seen.length === 1)
    })

    it('1: a wake-up during the handler runs it once more, never in parallel', async () => {
      const queue = start()
      const gate = gatedHandler()
      queue.consume('deployments', gate.handler, { concurrency: 4 })
      await queue.wake('deployments', 'a')
      await eventually('the first run starts', () => gate.started.length === 1)
      await queue.wake('deployments', 'a')
      await queue.wake('deployments', 'a')
      expect(gate.started).toHaveLength(1)
      await gate.release()
      await eventually('the second run starts', () => gate.started.length === 2)
      await gate.release()
      const after = settle(queue, gate.started, 'z')
      await gate.release()
      await after
      expect(gate.started).toEqual(['a', 'a', 'z'])
      expect(gate.parallelMax()).toBe(1)
    })

    it('1: keeps the queues apart', async () => {
      const queue = start()
      const seen: string[] = []
      queue.consume('deployments', async (key) => void seen.push(`deployments ${key}`), { concurrency: 1 })
      queue.consume('metering', async (key) => void seen.push(`metering ${key}`), { concurrency: 1 })
      await queue.wake('deployments', 'k')
      await queue.wake('metering', 'k')
      await eventually('both are handled', () => seen.length === 2)
      expect(seen.toSorted()).toEqual(['deployments k', 'metering k'])
    })

    it('2: merges wake-ups that wait', async () => {
      const queue = start()
      const gate = gatedHandler()
      for (let n = 0; n < 20; n++) await queue.wake('deployments', 'same')
      queue.consume('deployments', gate.handler, { concurrency: 4 })
      await gate.release()
      const after = settle(queue, gate.started, 'z')
      await gate.release()
      await after
      expect(gate.started).toEqual(['same', 'z'])
    })

    it('2: a delayed wake-up comes when its time has come', async () => {
      const queue = start()
      const seen: number[] = []
      queue.consume('deployments', async () => void seen.push(performance.now()), { concurrency: 1 })
      const before = performance.now()
      await queue.wake('deployments', 'k', { delayMs: 300 })
      await eventually('the key is handled', () => seen.length === 1)
      // Redis counts whole milliseconds of another clock.
      expect(seen[0] - before).toBeGreaterThan(290)
    })

    it('2: a sooner wake-up wins over a delayed one and takes its place', async () => {
      const queue = start()
      const gate = gatedHandler()
      queue.consume('deployments', gate.handler, { concurrency: 1 })
      await queue.wake('deployments', 'k', { delayMs: 600_000 })
      await queue.wake('deployments', 'k', { delayMs: 500 })
      await queue.wake('deployments', 'k', { delayMs: 600_000 })
      await gate.release()
      await queue.wake('deployments', 'm', { delayMs: 300 })
      await queue.wake('deployments', 'm')
      await gate.release()
      await queue.wake('deployments', 'z', { delayMs: 600 })
      await gate.release()
      expect(gate.started).toEqual(['k', 'm', 'z'])
    })

    it('3: calls a handler that threw again, and reports the error', async () => {
      const queue = start()
      const gate = gatedHandler()
      queue.consume('deployments', gate.handler, { concurrency: 1 })
      await queue.wake('deployments', 'k')
      const before = performance.now()
      await gate.release(new Error('first try'))
      await gate.release()
      expect(performance.now() - before).toBeGreaterThan(990)
      expect(errors).toEqual([
        { queue: 'deployments', key: 'k', error: expect.objectContaining({ message: 'first try' }) },
      ])
    })

    it('3: a wake-up takes the place of a failed one that waits for its retry', async () => {
      const queue = start()
      const gate = gatedHandler()
      queue.consume('deployments', gate.handler, { concurrency: 1 })
      await queue.wake('deployments', 'k')
      await gate.release(new Error('first'))
      await gate.release(new Error('second'))
      await eventually('both failures are reported', () => errors.length === 2)
      // The next retry is 2 s away; each wake-up until then comes at once.
      await eventually('the wake-up runs', async () => {
        await queue.wake('deployments', 'k')
        return gate.started.length >= 3
      })
      gate.open()
    })

    it('3: other keys go on while one fails', async () => {
      const queue = start()
      const seen: string[] = []
      const handler = async (key: string) => {
        seen.push(key)
        if (key === 'bad') throw new Error('no')
      }
      queue.consume('deployments', handler, { concurrency: 1 })
      await queue.wake('deployments', 'bad')
      await queue.wake('deployments', 'good')
      await eventually('the good key is handled', () => seen.includes('good'))
    })

    it('4: every wakes at once and then each interval, and the same key again replaces the interval', async () => {
      const queue = start()
      const seen: string[] = []
      queue.consume('maintenance', async (key) => void seen.push(key), { concurrency: 1 })
      await queue.every('maintenance', 'reconcile', 600_000)
      await eventually('it is woken at once', () => seen.length >= 1)
      await queue.every('maintenance', 'reconcile', 200)
      await eventually('it is woken again and again', () => seen.length >= 5)
    })

    it('5: close waits for the handler at work and takes no more', async () => {
      const queue = start()
      const gate = gatedHandler()
      queue.consume('deployments', gate.handler, { concurrency: 1 })
      await queue.wake('deployments', 'a')
      await queue.wake('deployments', 'b')
      await eventually('the first runs', () => gate.started.length === 1)
      const order: string[] = []
      const closing = queue.close().then(() => order.push('closed'))
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
      order.push('released')
      await gate.release()
      await closing
      expect(order).toEqual(['released', 'closed'])
      expect(gate.started).toEqual(['a'])
    })

    it('refuses a second handler for one queue', () => {
      const queue = start()
      queue.consume('deployments', async () => undefined, { concurrency: 1 })
      expect(() => queue.consume('deployments', async () => undefined, { concurrency: 1 })).toThrow(
        'already has a handler',
      )
    })

    it('answers a ping', async () => {
      await expect(start().ping()).resolves.toBeUndefined()
    })

    if (makePlace().shared) describeShared(makePlace, start, errors)
  })
}

function describeShared(
  makePlace: () => WorkQueuePlace,
  start: (place: WorkQueuePlace) => WorkQueue,
  errors: readonly ReportedError[],
): void {
  it('1: two control planes never handle one key in parallel', async () => {
    const place = makePlace()
    const gate = gatedHandler()
    const [one, two] = [start(place), start(place)]
    one.consume('deployments', gate.handler, { concurrency: 4 })
    two.consume('deployments', gate.handler, { concurrency: 4 })
    await Promise.all([one.wake('deployments', 'k'), two.wake('deployments', 'k')])
    await eventually('the first run starts', () => gate.started.length === 1)
    await Promise.all([one.wake('deployments', 'k'), two.wake('deployments', 'k')])
    await gate.release()
    await gate.release()
    expect(gate.parallelMax()).toBe(1)
    expect(errors).toEqual([])
  })

  it('4: one wake-up per interval, however many control planes', async () => {
    const place = makePlace()
    const seen: number[] = []
    const queues = [start(place), start(place), start(place)]
    for (const queue of queues) {
      queue.consume('maintenance', async () => void seen.push(performance.now()), { concurrency: 1 })
      await queue.every('maintenance', 'reconcile', 1_000)
    }
    await eventually('the first beats', () => seen.length >= 4)
    const from = seen.length
    const before = performance.now()
    await eventually('five more beats', () => seen.length >= from + 5)
    // Five beats of one second span at least four intervals; three drummers would need less than two.
    expect(performance.now() - before).toBeGreaterThan(3_500)
  })

  it('5: what waits at a close is handled by another', async () => {
    const place = makePlace()
    const gate = gatedHandler()
    const one = start(place)
    one.consume('deployments', gate.handler, { concurrency: 1 })
    await one.wake('deployments', 'a')
    await one.wake('deployments', 'b')
    await eventually('the first runs', () => gate.started.length === 1)
    const closing = one.close()
    await gate.release()
    await closing
    const seen: string[] = []
    start(place).consume('deployments', async (key) => void seen.push(key), { concurrency: 1 })
    await eventually('the other takes what waited', () => seen.includes('b'))
  })
}
