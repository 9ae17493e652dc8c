import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until } from '@lightflus/testing/services'

/** The control plane's parts as they are shipped. */
const built = join(import.meta.dirname, '..', '..', '..', '..', 'dist')

/** A control plane that was built, as a process of its own. */
export class ControlPlaneProcess {
  readonly url: string
  readonly #environment: Readonly<Record<string, string>>
  #child: ChildProcess | undefined
  #output = ''

  constructor(port: number, environment: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`
    this.#environment = { ...environment, PORT: String(port), LIGHTFLUS_LOG_LEVEL: 'warn' }
  }

  async start(): Promise<void> {
    const child = this.#spawn('main.js', [])
    this.#child = child
    const isReady = async () => {
      if (child.exitCode !== null) return true
      return (await fetch(`${this.url}/readyz`)).ok
    }
    await until(isReady, { what: 'the control plane to answer', deadlineMs: 90_000, intervalMs: 100 })
    if (child.exitCode !== null) throw new Error(`The control plane did not start: ${this.#output}`)
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  /** Runs one of its commands to its end. */
  async command(script: string, args: readonly string[]): Promise<void> {
    const child = this.#spawn(script, args)
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`${script} ended with code ${code}: ${this.#output}`)
  }

  #spawn(script: string, args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, [join(built, script), ...args], {
      env: { PATH: process.env.PATH, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (this.#output = (this.#output + text.toString()).slice(-20_000)))
    }
    return child
  }
}
