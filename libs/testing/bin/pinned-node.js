/**
 * Runs a TypeScript file of this repository: `node pinned-node.js FILE ARGUMENTS…`. The file needs the Node that
 * package.json pins; an older one starts that in its place, or says how to get it. Hence plain JavaScript here.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const majorMin = 26
const [file, ...args] = process.argv.slice(2)
const pinned = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.bin', 'node')

if (Number(process.versions.node.split('.')[0]) >= majorMin) {
  process.argv = [process.argv[0], resolve(file), ...args]
  await import(pathToFileURL(resolve(file)).href)
} else if (existsSync(pinned) && process.env.LIGHTFLUS_PINNED_NODE !== pinned) {
  const env = { ...process.env, LIGHTFLUS_PINNED_NODE: pinned }
  const child = spawn(pinned, [import.meta.filename, file, ...args], { stdio: 'inherit', env })
  // The terminal sends Ctrl-C to the child as well; other signals are handed on. It decides when to end.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
} else {
  console.error(
    `This needs Node ${majorMin} or newer and runs under ${process.version}.\n` +
      '`npm ci` installs the right one into node_modules on Linux (x64, arm64) and macOS (arm64). Elsewhere, or if\n' +
      `that was left out by --omit=optional: install Node ${majorMin} from https://nodejs.org and try again.`,
  )
  process.exitCode = 1
}
