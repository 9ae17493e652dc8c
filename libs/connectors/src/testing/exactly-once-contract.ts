import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { temporaryFolder, until } from '@lightflus/testing/services'
import type { CommitProgram } from './commit-program.ts'

const program = fileURLToPath(new URL('commit-program.ts', import.meta.url))

export interface ExactlyOnceCase {
  /** What the processes write to: an empty place. */
  readonly target: Pick<CommitProgram, 'kind' | 'connection' | 'options'>
  /** The numbers that are there now. */
  readonly read: () => Promise<number[]>
  /** Requests, or calls to the file system, of an attempt until it has come to its second commit, about. */
  readonly requests: number
}

interface Attempt {
  readonly process: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly output: string }>
}

const parallelisms = [3, 1, 2]
const recordsTotal = 6_000

/** What a sink promises that writes exactly once, seen with processes that are killed, stopped, and wake. */
export function describeExactlyOnce(name: string, getCase: () => ExactlyOnceCase): void {
  describe(`exactly once: ${name}`, () => {
    const folder = temporaryFolder('commits')
    afterAll(() => folder.remove())
    let jobs = 0

    /** Attempts of one job. */
    function newJob() {
      const log = `${folder.path}/${++jobs}`
      const { target } = getCase()
      return (parallelism: number, end?: CommitProgram['end']): Attempt => {
        const given: CommitProgram = {
          ...{ ...target, folder: log, parallelism, recordsTotal, recordsPerCheckpoint: 40 },
          ...(end && { end }),
        }
        const args = ['--conditions=@lf/source', '--disable-warning=ExperimentalWarning', program]
        const child = spawn(process.execPath, [...args, JSON.stringify(given)], { stdio: ['ignore', 'pipe', 'pipe'] })
        let output = ''
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += String(data)))
        const ended = new Promise<Awaited<Attempt['ended']>>((resolve) =>
          child.once('close', (code, signal) => resolve({ code, signal, output })),
        )
        return { process: child, ended }
      }
    }

    const expectAll = async () => {
      const found = (await getCase().read()).sort((a, b) => a - b)
      const wrong = found.findIndex((n, index) => n !== index)
      // Said in short where it fails: there are many.
      expect({ wrong, count: found.length }).toEqual({ wrong: -1, count: recordsTotal })
    }

    it('has everything once, killed at every request and at any, going on at 3, 1 and 2 subtasks', async () => {
      const start = newJob()
      const { requests } = getCase()
      const ends = Array.from({ length: requests }, (_, at) =>
        (['sent', 'answered'] as const).map((when) => ({ requests: at, when, signal: 'SIGKILL' as const })),
      ).flat()
      const random = Array.from({ length: 10 }, () => ({
        requests: requests + Math.floor(Math.random() * 10 * requests),
        when: 'sent' as const,
        signal: 'SIGKILL' as const,
      }))
      let kills = 0
      for (const [at, end] of [...ends, ...random].entries()) {
        const { code, signal, output } = await start(parallelisms[at % 3]!, end).ended
        if (signal === 'SIGKILL') kills++
        // One that had nothing left to write came to its end before.
        expect({ end, output, ok: signal === 'SIGKILL' || code === 0 }).toEqual({ end, output: '', ok: true })
      }
      expect(kills).toBeGreaterThan(requests)
      expect(await start(2).ended).toEqual({ code: 0, signal: null, output: '' })
      await expectAll()
    }, 300_000)

    it('lets a process write nothing that was stopped in a commit and wakes when another has gone on', async () => {
      const start = newJob()
      const { requests } = getCase()
      const sleepers: Attempt[] = []
      for (const at of [Math.floor(requests / 3), Math.floor(requests * 0.7), requests, requests + 1]) {
        const sleeper = start(3, { requests: at, when: 'sent', signal: 'SIGSTOP' })
        const isStopped = () => / T /.test(readFileSync(`/proc/${sleeper.process.pid}/stat`, 'utf8')) || undefined
        await until(isStopped, { what: 'the process to stop' })
        sleepers.push(sleeper)
      }
      expect(await start(2).ended).toEqual({ code: 0, signal: null, output: '' })
      await expectAll()
      for (const { process: sleeper } of sleepers) sleeper.kill('SIGCONT')
      for (const { ended } of sleepers) expect(await ended).toMatchObject({ code: 1 })
      await expectAll()
    }, 300_000)
  })
}
