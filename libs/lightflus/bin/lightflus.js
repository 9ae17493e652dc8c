#!/usr/bin/env node
/**
 * The command `lightflus`. It needs the Node that the checkout pins: an older one starts that in its place, or says how
 * to get it. Hence plain JavaScript here, that any Node reads.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const majorMin = 26
const here = fileURLToPath(new URL('.', import.meta.url))
const checkout = resolve(here, '..', '..', '..')
const command = join(checkout, 'apps', 'cli', 'dist', 'main.js')
const pinned = join(checkout, 'node_modules', '.bin', 'node')

if (!existsSync(command)) {
  console.error('The command is not built yet. Run `npm ci` (or `npm run build`) in the folder of Lightflus first.')
  process.exitCode = 1
} else if (Number(process.versions.node.split('.')[0]) >= majorMin) {
  await import(pathToFileURL(command).href)
} else if (existsSync(pinned) && process.env.LIGHTFLUS_PINNED_NODE !== pinned) {
  // Of what they have freed, threads that compile would each keep an arena of their own: 5 % of the memory of a run.
  const env = { MALLOC_ARENA_MAX: '1', ...process.env, LIGHTFLUS_PINNED_NODE: pinned }
  const child = spawn(pinned, [command, ...process.argv.slice(2)], { stdio: 'inherit', env })
  // The terminal sends Ctrl-C to the child as well; other signals are handed on. It decides when to end.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
} else {
  console.error(
    `Lightflus needs Node ${majorMin} or newer and runs under ${process.version}.\n` +
      'Install it from https://nodejs.org, or run `npm ci` in the folder of Lightflus, which brings it on Linux\n' +
      '(x64, arm64) and macOS (arm64).',
  )
  process.exitCode = 1
}
