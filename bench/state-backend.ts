/**
 * `npm run bench -- state-backend [keys]`: a process function that counts into a value of 100 bytes, with state in memory and on
 * disk, each in a process of its own: CPU of the process for a record, what is in heap and buffers once garbage
 * is collected, resident memory at the end beyond that before, and the longest pause at a barrier. `uniform`: each key as often as the others, in no order; `hot`: nine of ten records have one of
 * a thousand keys. That both backends do the same is tested by property (libs/engine/src/operators).
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { state, type ValueState } from '@lightflus/api'
import { createProcess } from '../libs/engine/src/operators/process.ts'
import { makeOperator } from '../libs/engine/src/testing/operator-table.ts'
import { processOptions } from '../libs/engine/src/testing/process-specs.ts'
import { SegmentStore } from '../libs/runtime/src/state-store/segment-store.ts'

type Backend = 'memory' | 'disk'
type Order = 'uniform' | 'hot'

interface Figures {
  readonly cpuNs: number
  readonly heldMb: number
  readonly residentMb: number
  readonly pauseMs: number
  readonly diskMb: number
}

const batchRecords = 1_000
const barriers = 5
const hotKeys = 1_000

function operatorOn(backend: Backend, folder: string) {
  const owner = { operator: 'process-1', subtask: 0, attempt: 1 }
  return makeOperator({
    kind: 'process',
    create: createProcess,
    ...(backend === 'disk' && { openStateStore: () => new SegmentStore({ job: 'bench', folder, owner }) }),
    ...processOptions({
      state: { seen: state.value<{ times: number; text: string }>() },
      onRecord(n: number, context: { state: { seen: ValueState<{ times: number; text: string }> } }) {
        const { seen } = context.state
        const before = seen.get()
        seen.set({ times: (before?.times ?? 0) + 1, text: before?.text ?? `${n}`.padStart(80, 'x') })
      },
    }),
  }).operator
}

function measure(backend: Backend, order: Order, keys: number): Figures {
  const folder = mkdtempSync(join(tmpdir(), 'lightflus-bench-'))
  const operator = operatorOn(backend, folder)
  const output = { emit() {}, emitSide() {} }
  let index = 0
  const run = (records: number, keyAt: (index: number) => number): void => {
    for (let done = 0; done < records; done += batchRecords) {
      const values = Array.from({ length: batchRecords }, () => keyAt(index++))
      const batch = { values, keys: values.map((n) => `user-${n}`), timestamps: values.map(() => 0) }
      void operator.processBatch(batch, output, 0)
    }
  }
  globalThis.gc!()
  const before = process.memoryUsage.rss()
  const at = process.memoryUsage()
  const heldBefore = at.heapUsed + at.external
  const spread = (at: number): number => (at * 7_919) % keys
  run(keys, spread)
  let [micros, pauseMs] = [0, 0]
  for (let barrier = 0; barrier < barriers; barrier++) {
    const from = process.cpuUsage()
    run(keys / barriers, order === 'uniform' ? spread : (at) => (at % 10 === 0 ? spread(at) : (at * 31) % hotKeys))
    const { user, system } = process.cpuUsage(from)
    micros += user + system
    const began = performance.now()
    const frozen = operator.freeze!()
    pauseMs = Math.max(pauseMs, performance.now() - began)
    frozen!.stored?.release()
  }
  const diskMb = backend === 'disk' ? operatorDisk(operator) : 0
  const residentMb = (process.memoryUsage.rss() - before) / 1e6
  globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  const heldMb = (heapUsed + external - heldBefore) / 1e6
  rmSync(folder, { recursive: true })
  return { cpuNs: (micros * 1_000) / keys, heldMb, residentMb, pauseMs, diskMb }
}

function operatorDisk(operator: object): number {
  return ((operator as { stateSize(): { diskBytes?: number } }).stateSize().diskBytes ?? 0) / 1e6
}

const [first, order, keys] = process.argv.slice(2)
if (first === 'memory' || first === 'disk')
  process.stdout.write(JSON.stringify(measure(first, order as Order, Number(keys))))
else {
  const size = first ?? '1000000'
  console.log('| keys | backend | ns of CPU a record | held MB | resident MB | disk MB | pause, ms |')
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  for (const each of ['uniform', 'hot'] as const) {
    for (const backend of ['memory', 'disk'] as const) {
      const args = ['--expose-gc', '-C', '@lf/source', fileURLToPath(import.meta.url), backend, each, size]
      const { cpuNs, heldMb, residentMb, pauseMs, diskMb } = JSON.parse(
        execFileSync(process.execPath, args, { encoding: 'utf8' }),
      ) as Figures
      const cells = [
        each,
        backend,
        cpuNs.toFixed(0),
        heldMb.toFixed(0),
        residentMb.toFixed(0),
        diskMb.toFixed(0),
        pauseMs.toFixed(1),
      ]
      console.log(`| ${cells.join(' | ')} |`)
    }
  }
}
