import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { platform } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

/** A server that runs for the tests. */
export interface RunningServer {
  /** Its address, in the form that its environment variable has. */
  readonly address: string
  /** Ends it and removes what it stored. May be called twice. */
  stop(): Promise<void>
}

/** The process of a server. */
export interface ServerProcess {
  /** Ends it: by its signal, in the end by SIGKILL. */
  stop(): Promise<void>
  /** Lets it stand still, with its connections open: whoever asks it gets no answer. */
  freeze(): void
  thaw(): void
}

export interface ServerProcessOptions {
  /** How the server is called in messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** File that takes its output; the end of it is shown when the server dies or does not get ready. */
  readonly logFile: string
  /** User to run as; only root may choose. */
  readonly user?: { readonly uid: number; readonly gid: number }
  /** True as soon as the server answers, in its own protocol: an open port is not enough. */
  readonly answers: () => Promise<boolean>
  /** Signal that asks it to end. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals
  /** Milliseconds in which it must answer. Default 90 000: a busy machine is no reason to fail. */
  readonly readyDeadlineMs?: number
}

const pollMs = 30
const stopDeadlineMs = 20_000

/** Starts a server and waits until it answers. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const log = openSync(options.logFile, 'a')
  const [command, args] = endsWithParent(options.command, options.args)
  const child = spawn(command, args, { stdio: ['ignore', log, log], ...options.user })
  closeSync(log)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `ended with code ${code}`))
  })
  const stop = () => stopProcess(child, ended, options.stopSignal ?? 'SIGTERM')
  let end: string | undefined
  void ended.then((how) => (end = how))
  const deadline = performance.now() + (options.readyDeadlineMs ?? 90_000)
  while (!(await options.answers())) {
    if (end === undefined && performance.now() < deadline) {
      await pause(pollMs)
      continue
    }
    const what = end ?? `did not answer in ${options.readyDeadlineMs ?? 90_000} ms`
    await stop()
    throw new Error(`${options.name} ${what}. The end of its log:\n${tail(options.logFile)}`)
  }
  return { stop, freeze: () => void child.kill('SIGSTOP'), thaw: () => void child.kill('SIGCONT') }
}

/** Runs a command to its end with its output in a file. @throws Error with the end of the output when it fails. */
export async function runToEnd(
  options: Pick<ServerProcessOptions, 'name' | 'command' | 'args' | 'logFile' | 'user'>,
): Promise<void> {
  const log = openSync(options.logFile, 'a')
  const [command, args] = endsWithParent(options.command, options.args)
  const child = spawn(command, args, { stdio: ['ignore', log, log], ...options.user })
  closeSync(log)
  const how = await new Promise<string | number | null>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  if (how !== 0) throw new Error(`${options.name} failed (${how}). The end of its output:\n${tail(options.logFile)}`)
}

async function stopProcess(child: ChildProcess, ended: Promise<string>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  child.kill(signal)
  const patience = new AbortController()
  const late = pause(stopDeadlineMs, 'late', { signal: patience.signal }).catch(() => 'ended')
  if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL')
  patience.abort()
  await ended
}

let canEndWithParent: boolean | undefined

/**
 * On Linux a server also ends when the process that started it is killed and can clean up no more. `setpriv` belongs to
 * util-linux; busybox has one without this option, so it is tried.
 */
function endsWithParent(command: string, args: readonly string[]): [string, readonly string[]] {
  canEndWithParent ??=
    platform() === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' }).status === 0
  return canEndWithParent ? ['setpriv', ['--pdeathsig', 'KILL', '--', command, ...args]] : [command, args]
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}

/**
 * Connects to a port of 127.0.0.1, or of another host, sends `request` if there is one, and hands what has come so far to `isAnswer` until that
 * returns true or false, or the connection ends.
 */
export function probe(
  at: number | { readonly host: string; readonly port: number },
  isAnswer: (received: Buffer) => boolean | undefined,
  request?: Buffer,
): Promise<boolean> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    const socket: Socket = connect({
      ...(typeof at === 'number' ? { port: at, host: '127.0.0.1' } : at),
      timeout: 2_000,
    })
    const finish = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => request && socket.write(request))
    socket.on('error', () => finish(false))
    socket.on('timeout', () => finish(false))
    socket.on('close', () => finish(false))
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data])
      const answer = isAnswer(received)
      if (answer !== undefined) finish(answer)
    })
  })
}
