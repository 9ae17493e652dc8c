import { spawn } from 'node:child_process'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, temporaryFolder, until } from '@lightflus/testing/services'

const cli = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url))

export interface RunningPlatform {
  readonly url: string
  readonly email: string
  readonly password: string
  readonly stop: () => Promise<void>
}

/** A whole platform with the demo's job, started as a person starts it, in a folder of its own. */
export async function startPlatform(): Promise<RunningPlatform> {
  const folder = temporaryFolder('console-platform')
  // As root, the embedded Postgres runs as another user, who has to get through to its data.
  await chmod(folder.path, 0o755)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = [cli, 'up', '--port', String(port), '--data-dir', join(folder.path, 'data')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (text: Buffer) => (complaints += text.toString()))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    await folder.remove()
  }
  try {
    await until(async () => child.exitCode !== null || (await fetch(`${url}/readyz`)).ok, {
      what: 'the platform to answer',
      deadlineMs: 90_000,
      intervalMs: 200,
    })
    if (child.exitCode !== null) throw new Error(`The platform did not start: ${complaints}`)
    const account: unknown = JSON.parse(await readFile(join(folder.path, 'data', 'demo.json'), 'utf8'))
    const { email, password } = account as { email: string; password: string }
    return { url, email, password, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
