import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { z } from 'zod'

/**
 * Names one process for good. A process id alone does not: the system hands it out again, and a signal would then
 * hit a stranger. `start` tells two holders of one id apart and is only ever compared for equality.
 */
export const processIdentitySchema = z.object({ pid: z.number().int().positive(), start: z.string().min(1) })
export type ProcessIdentity = z.infer<typeof processIdentitySchema>

/** The identity of the process that has this id now; null where none has, or where it ended and only waits to be reaped. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const start = process.platform === 'linux' ? await startOnLinux(pid) : await startByPs(pid)
  return start === null ? null : { pid, start }
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.start === identity.start
}

/** Sends a signal unless the process is gone or its id belongs to another by now. True: it was sent. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isRunning(identity))) return false
  try {
    return process.kill(identity.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Asks a process to end, and kills it when it has not by then. Resolves when it is gone. */
export async function endProcess(
  identity: ProcessIdentity,
  graceMs: number,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  const end = performance.now() + graceMs
  await signalProcess(identity, signal)
  while (await isRunning(identity)) {
    if (performance.now() > end) await signalProcess(identity, 'SIGKILL')
    await pause(20)
  }
}

let bootId: Promise<string> | undefined

/** Ticks since boot together with the boot's own id, since ticks repeat after a restart of the machine. */
async function startOnLinux(pid: number): Promise<string | null> {
  let stat: string
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null
  }
  // The command's name stands in parentheses and may hold spaces and parentheses itself: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, ticks] = [fields[0], fields[19]]
  if (state === 'Z' || state === 'X' || ticks === undefined) return null
  bootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (id) => id.trim(),
    () => 'unknown-boot',
  )
  return `${await bootId}/${ticks}`
}

async function startByPs(pid: number): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)])
    const [state, ...start] = stdout.trim().split(/\s+/)
    return state === undefined || state.startsWith('Z') || start.length === 0 ? null : start.join(' ')
  } catch {
    return null
  }
}
