import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '@lightflus/testing/services'

const main = join(import.meta.dirname, '../../dist/main.js')
const examples = join(import.meta.dirname, '../../../../examples')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A process of the built command, in a home of its own. */
function lightflus(home: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess {
  const environment = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home, NO_COLOR: '1', ...more }
  return spawn(process.execPath, [main, ...args], { cwd: home, env: environment, stdio: 'pipe' })
}

async function ended(child: ChildProcess, input = ''): Promise<Ended> {
  let out = ''
  let err = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdin!.end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

/** The platform as a person has it: `lightflus up` in one terminal, commands in another. */
export class TestPlatform {
  readonly #home: string
  readonly #port: number
  readonly #environment: NodeJS.ProcessEnv
  #up: ChildProcess | undefined
  /** All that `up` printed. */
  printed = ''

  /** @param environment of `up`, beside what everybody has */
  constructor(home: string, port: number, environment: NodeJS.ProcessEnv = {}) {
    this.#home = home
    this.#port = port
    this.#environment = environment
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Starts it and waits until it says so. */
  async start(): Promise<void> {
    this.printed = ''
    const args = ['up', '--data-dir', join(this.#home, 'data'), '--port', String(this.#port)]
    const child = lightflus(this.#home, args, this.#environment)
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.printed += text))
    this.#up = child
    await until(() => this.printed.includes('Ctrl-C stops it') || child.exitCode !== null, {
      what: 'the platform',
      deadlineMs: 60_000,
    })
    if (child.exitCode !== null) throw new Error(`up ended with ${child.exitCode}: ${this.printed}`)
  }

  /** Ctrl-C. @returns the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#up
    if (!child || child.exitCode !== null) return child?.exitCode ?? null
    const code = new Promise<number | null>((resolve) => child.once('close', resolve))
    child.kill('SIGINT')
    return code
  }

  /** Kills `up` itself; what it started ends by itself, but for the workers, which go on. */
  async killAll(): Promise<void> {
    const child = this.#up!
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended
    await until(() => this.pidsOf('bin/postgres').length === 0, { what: 'the platform to be gone' })
  }

  /** Pids of a part: `worker/dist/main.js`, `bin/postgres`; with all processes that it is made of. */
  pidsOf(part: string): readonly number[] {
    // With their environments, which name the folder where arguments do not.
    const list = execFileSync('ps', ['axeww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    const all = list.split('\n').map((line) => line.trim().split(/ +/))
    const parents = all
      .filter(([, , ...args]) => args.join(' ').includes(part) && args.join(' ').includes(this.#home))
      .map(([pid]) => pid)
    return all.filter(([pid, ppid]) => parents.includes(pid) || parents.includes(ppid)).map(([pid]) => Number(pid))
  }

  kill(part: string, signal: NodeJS.Signals = 'SIGKILL'): void {
    const pids = this.pidsOf(part)
    if (pids.length === 0) throw new Error(`${part} does not run`)
    for (const pid of pids) process.kill(pid, signal)
  }

  /** Signs in as the demo user, with the password that `up` printed at its first start. */
  async signIn(): Promise<void> {
    const [, email, password] = /Sign in +(\S+) +(\S+)/.exec(this.printed) ?? []
    if (!email) throw new Error(`up said nothing of signing in: ${this.printed}`)
    await this.command(['login', this.url, '--email', email, '--password-stdin'], password)
  }

  run(args: readonly string[], input?: string): Promise<Ended> {
    return ended(lightflus(this.#home, args), input)
  }

  /** @throws when the command fails. */
  async command(args: readonly string[], input?: string): Promise<string> {
    const { code, out, err } = await this.run(args, input)
    if (code !== 0) throw new Error(`lightflus ${args.join(' ')} ended with ${code}: ${err}${out}`)
    return out
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.command([...args, '-o', 'json'])) as T
  }

  /** An example in the platform's home, with other names for what tests share: topics, tables, key prefixes. */
  async example(name: string, replace: Readonly<Record<string, string>>): Promise<string> {
    let text = await readFile(join(examples, name), 'utf8')
    for (const [from, to] of Object.entries(replace)) text = text.replaceAll(from, to)
    const path = join(this.#home, name)
    await writeFile(path, text)
    return path
  }
}
