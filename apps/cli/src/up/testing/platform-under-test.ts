import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, until } from '@lightflus/testing/services'

/** The repository that holds the command under test. */
export const repository = join(import.meta.dirname, '..', '..', '..', '..', '..')

export interface Started {
  readonly port: number
  readonly dataDir: string
  readonly args?: readonly string[]
  readonly user?: { readonly uid: number; readonly gid: number }
  readonly environment?: Readonly<Record<string, string>>
  /** Another place of the repository. */
  readonly repository?: string
}

interface Job {
  readonly deployment: {
    readonly status: {
      readonly state: string
      readonly attempt: number
      readonly lastCheckpoint: { readonly checkpoint: number } | null
    }
  } | null
}

/** One `lightflus up`, as a person would start it. */
export class PlatformUnderTest {
  readonly #child: ChildProcess
  readonly #options: Started
  #token: string | null = null
  #out = ''
  #err = ''

  constructor(options: Started) {
    this.#options = options
    const args = ['up', '--port', String(options.port), '--data-dir', options.dataDir, ...(options.args ?? [])]
    const command = join(options.repository ?? repository, 'apps', 'cli', 'dist', 'main.js')
    this.#child = spawn(process.execPath, [command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: options.dataDir,
        // Beside the home, which is the platform's own folder here and must hold nothing else.
        XDG_CACHE_HOME: `${options.dataDir}.cache`,
        NO_COLOR: '1',
        ...options.environment,
      },
      cwd: '/',
      ...options.user,
    })
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.#out += text))
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#err += text))
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`
  }

  get out(): string {
    return this.#out
  }

  get err(): string {
    return this.#err
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Waits until it has said that it runs; fails with what it said instead. */
  async announced(): Promise<this> {
    await until(
      () => {
        if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.#err}`)
        return this.#out.includes('Ctrl-C stops it')
      },
      { what: 'the announcement', deadlineMs: 120_000 },
    )
    return this
  }

  /** Waits for its end and returns the exit code. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
    return this.#child.exitCode
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  /** As a terminal does that is closed. */
  hangUp(): void {
    this.#child.stdout!.destroy()
    this.#child.stderr!.destroy()
    this.#child.kill('SIGHUP')
  }

  async stop(): Promise<number | null> {
    this.interrupt()
    return this.ended()
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended()
  }

  /** What the announcement says of the way in. */
  get account(): { readonly email: string; readonly password: string } {
    const [, email, password] = /Sign in\s+(\S+)\s+(\S+)/.exec(this.#out)!
    return { email: email!, password: password! }
  }

  async signIn(account = this.account): Promise<string | null> {
    const response = await fetch(`${this.url}/api/v1/auth/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
    })
    return response.ok ? ((await response.json()) as { accessToken: string }).accessToken : null
  }

  async get<T>(path: string): Promise<T> {
    // Sign-ins are limited to a few a minute.
    this.#token ??= await this.signIn()
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.#token}` } })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** Waits until the example job runs and has checkpoints newer than the one given, and returns its newest. */
  async running(after = 0): Promise<number> {
    return until(
      async () => {
        const { deployment } = await this.get<Job>('/api/v1/jobs/shop-live')
        const newest = deployment?.status.lastCheckpoint?.checkpoint ?? 0
        return deployment?.status.state === 'RUNNING' && newest > after && newest
      },
      { what: `the example job to run and to have a checkpoint after ${after}`, deadlineMs: 90_000 },
    )
  }

  /** Processes whose command line or environment names the data folder: parts, workers and the command itself. */
  async processes(): Promise<readonly { readonly pid: number; readonly command: string }[]> {
    const found: { pid: number; command: string }[] = []
    for (const entry of await readdir('/proc')) {
      if (!/^\d+$/.test(entry)) continue
      const read = (name: string) => readFile(`/proc/${entry}/${name}`, 'utf8').catch(() => '')
      const [line, environment, stat] = await Promise.all([read('cmdline'), read('environ'), read('stat')])
      if (/\) [ZX] /.test(stat)) continue
      const names = line.includes(this.#options.dataDir) || environment.includes(`=${this.#options.dataDir}`)
      if (names && line !== '') found.push({ pid: Number(entry), command: line.replaceAll('\0', ' ').trim() })
    }
    return found
  }

  /** The one process of a part: `control-plane/dist/main.js`, `bin/postgres`, `worker/dist/main.js`. */
  async pidOf(part: string): Promise<number | null> {
    const found = (await this.processes()).filter(
      ({ command: line }) => line.includes(part) && !line.startsWith('/bin/sh'),
    )
    if (found.length > 1) throw new Error(`${found.length} processes of ${part}`)
    return found[0]?.pid ?? null
  }
}

/** A port and a folder that no other test uses. */
export async function place(folder: string): Promise<{ readonly port: number; readonly dataDir: string }> {
  return { port: await freePort(), dataDir: join(folder, 'data') }
}
