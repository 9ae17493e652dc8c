import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { LightflusError } from '@lightflus/api'
import type { Explanation } from './part-failure.ts'
import { boundLog, logSize, logTail, openLog } from '../provisioner/process/bounded-log.ts'
import { endProcess, identifyProcess, type ProcessIdentity } from '../provisioner/process/process-identity.ts'

export interface PartOptions {
  /** As messages call it: `Postgres`, `The control plane`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly user?: { readonly uid: number; readonly gid: number } | null
  readonly logFile: string
  /** The code of the error when it does not start or does not stay up. */
  readonly code: 'LF_UP_DATABASE' | 'LF_UP_CONTROL_PLANE'
  /** What the end of its log tells, where that is more than the log itself. */
  readonly explain: Explanation
  /** Signal that asks it to end cleanly. */
  readonly stopSignal: NodeJS.Signals
  /** How long that may take before it is killed, milliseconds. */
  readonly stopMsMax: number
  /** True as soon as it does its work; called again and again until then. */
  readonly isReady: () => Promise<boolean>
  /** How long it may take to get ready, milliseconds. */
  readonly readyMsMax: number
  /** Told of each start, as soon as the process is there. */
  readonly onStart: () => Promise<void>
  /** Told when it ended unasked and is about to be started again. */
  readonly onRestart: (how: string) => void
  /** Told when it does not stay up: the platform has to end. */
  readonly onGivingUp: (error: LightflusError) => void
}

/** Ends in a row, each before the part had been up for {@link healthyAfterMs}, after which it is given up. */
const failuresMax = 5
const healthyAfterMs = 60_000
const restartDelayMs = 250
const restartDelayMsMax = 5_000
const readyIntervalMs = 25
const logIntervalMs = 5_000
const tailLines = 15

/**
 * One long-running process of the platform, kept up: when it ends unasked it is started again, more slowly each time,
 * and given up when it never stays. It leads a session of its own, so that Ctrl-C in the terminal reaches the platform
 * alone, which then ends its parts in the right order.
 */
export class Part {
  readonly #options: PartOptions
  #child: ChildProcess | undefined
  #identity: ProcessIdentity | null = null
  #failures = 0
  /** Where the log of the present process begins. */
  #logFrom = 0
  #stopping = false
  #logTimer: NodeJS.Timeout | undefined

  constructor(options: PartOptions) {
    this.#options = options
  }

  get identity(): ProcessIdentity | null {
    return this.#identity
  }

  /** Starts it and waits until it is ready. @throws LightflusError with the code of the options and the end of its log. */
  async start(): Promise<void> {
    this.#logTimer = setInterval(() => void boundLog(this.#options.logFile).catch(() => undefined), logIntervalMs)
    this.#logTimer.unref()
    await this.#launch()
    if (!this.#stopping) void this.#keepUp()
  }

  /** Ends it cleanly, or after the time for that by force. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearInterval(this.#logTimer)
    if (!this.#identity) return
    await endProcess(this.#identity, this.#options.stopMsMax, this.#options.stopSignal)
  }

  /** Ends it by force; `stop` has to be called as well, or it is started again. */
  async kill(): Promise<void> {
    if (this.#identity) await endProcess(this.#identity, 0, 'SIGKILL')
  }

  async #launch(): Promise<void> {
    const { command, args, env, cwd, user, logFile, isReady, readyMsMax } = this.#options
    this.#logFrom = await logSize(logFile)
    const log = await openLog(logFile)
    try {
      this.#child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log.fd, log.fd], ...user })
      await once(this.#child, 'spawn')
    } catch (error) {
      throw await this.#failure(`cannot be started: ${(error as Error).message}`)
    } finally {
      await log.close()
    }
    this.#identity = await identifyProcess(this.#child.pid!)
    await this.#options.onStart()
    const end = performance.now() + readyMsMax
    while (!(await isReady())) {
      if (this.#stopping) return
      const how = howEnded(this.#child)
      if (how) throw await this.#failure(how)
      if (performance.now() > end) {
        if (this.#identity) await endProcess(this.#identity, 0, 'SIGKILL')
        throw await this.#failure(`was not ready within ${readyMsMax / 1_000} s`)
      }
      await pause(readyIntervalMs)
    }
  }

  /** Waits for the process to end, again and again, and starts the next one. */
  async #keepUp(): Promise<void> {
    for (;;) {
      const child = this.#child!
      const startedAt = performance.now()
      if (howEnded(child) === null) await once(child, 'exit')
      if (this.#stopping) return
      if (performance.now() - startedAt > healthyAfterMs) this.#failures = 0
      const again = await this.#again(howEnded(child)!)
      if (!again) return
    }
  }

  async #again(how: string): Promise<boolean> {
    while (++this.#failures <= failuresMax) {
      this.#options.onRestart(how)
      await pause(Math.min(restartDelayMs * 2 ** (this.#failures - 1), restartDelayMsMax))
      if (this.#stopping) return false
      try {
        await this.#launch()
        return true
      } catch {
        // Its end is in the log, and in the message when it is given up.
      }
    }
    if (!this.#stopping) this.#options.onGivingUp(await this.#failure(`does not stay up: it ${how}`))
    return false
  }

  async #failure(how: string): Promise<LightflusError> {
    const { name, code, explain, logFile } = this.#options
    const tail = await logTail(logFile, tailLines, this.#logFrom)
    const explained = explain(tail)
    if (explained) return explained
    const shown = tail === '' ? `Its log ${logFile} is empty.` : `The end of ${logFile}:\n${tail}`
    return new LightflusError(code, `${name} ${how}. ${shown}`)
  }
}

function howEnded(child: ChildProcess): string | null {
  if (child.signalCode !== null) return `was ended by ${child.signalCode}`
  return child.exitCode === null ? null : `ended with code ${child.exitCode}`
}
