import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { canInstall, installCommand, installMissing, missingPrograms } from './requirements.ts'
import { type ServiceName, serviceVariables, unavailableVariable } from './service-addresses.ts'
import { type StartedServices, startServices } from './start-services.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { countTests, type JestResults, type TestCounts } from './test-results.ts'

/**
 * `npm test`: all tests of all packages against real services, which it starts for the run. Arguments go to Jest.
 * LIGHTFLUS_TEST_RESULTS names a file that takes Jest's results as JSON.
 */

const root = resolve(import.meta.dirname, '..', '..', '..', '..')
/** What `npm run test:k8s` sets to `k8s`; see jest.preset.js. */
const tests = process.env.LIGHTFLUS_TESTS ?? 'all'
const isCi = process.env.CI === 'true'
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
]

type Reasons = Partial<Record<ServiceName | 'browser', string>>

/** Finds what cannot run here, after having tried to install what is missing. */
async function reasonsNotToRun(): Promise<Reasons> {
  let missing = await missingPrograms()
  if (missing.length > 0 && canInstall()) {
    console.log(`Missing: ${missing.map((program) => program.what).join('; ')}. Installing by apt-get.`)
    installMissing(missing)
    missing = await missingPrograms()
  }
  const reasons: Reasons = {}
  for (const { what, neededBy } of missing) for (const name of neededBy) reasons[name] ??= `${what} is missing`
  if (missing.length > 0) console.error(`Some tests cannot run here. This changes it: ${installCommand(missing)}`)
  return reasons
}

/** True if a test is among those to run that needs more than Node. */
function needsServices(args: readonly string[]): boolean {
  const env = { ...process.env, LIGHTFLUS_TESTS: tests }
  const list = spawnSync(process.execPath, [...jest, '--listTests', ...args], { cwd: root, env, encoding: 'utf8' })
  return list.status !== 0 || /\.(e2e|k8s)\.tsx?$/m.test(list.stdout)
}

/**
 * Starts what the tests need while all packages are built: end-to-end tests run what is in `dist`, so that must be what
 * the sources say (a cached build takes two seconds). Undefined, after having said why, when the tests must not run.
 */
async function prepare(reasons: Reasons, interrupted: AbortSignal): Promise<StartedServices | undefined> {
  Object.assign(reasons, await reasonsNotToRun())
  if (isRefused(reasons)) return undefined
  const nx = join(root, 'node_modules', '.bin', 'nx')
  const build = run(nx, ['run-many', '-t', 'build'], process.env, interrupted)
  const names = (Object.keys(serviceVariables) as ServiceName[]).filter((name) => reasons[name] === undefined)
  const begin = performance.now()
  const services = await startServices({ names })
  Object.assign(reasons, services.failures)
  const ready = names.filter((name) => reasons[name] === undefined)
  console.log(`Services ready in ${seconds(begin)}: ${ready.join(', ') || 'none'}`)
  if ((await build) === 0 && !isRefused(reasons)) return services
  await services.stop()
  return undefined
}

/** With CI=true nothing is skipped: a machine on which something cannot run fails. */
function isRefused(reasons: Reasons): boolean {
  if (!isCi) return false
  for (const [name, reason] of Object.entries(reasons)) console.error(`${name} cannot run: ${reason}`)
  return Object.keys(reasons).length > 0
}

/** Runs a program to its end and gives its exit code. It is asked to end when `signal` says so. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit', signal, killSignal: 'SIGTERM' })
    child.once('error', (error) => {
      if (error.name !== 'AbortError') console.error(error.message)
      if (child.pid === undefined) done(1)
    })
    child.once('exit', (code) => done(code ?? 1))
  })
}

function seconds(begin: number): string {
  return `${((performance.now() - begin) / 1000).toFixed(1)} s`
}

function report(counts: TestCounts, reasons: Reasons, begin: number): void {
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${seconds(begin)}`)
  for (const failure of counts.failures) console.log(`  failed: ${failure}`)
  for (const [name, reason] of Object.entries(reasons)) console.log(`  skipped what needs ${name}: ${reason}`)
}

async function main(args: readonly string[]): Promise<number> {
  const begin = performance.now()
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())
  await using folder = temporaryFolder('results')
  const output = process.env.LIGHTFLUS_TEST_RESULTS ?? join(folder.path, 'results.json')

  const reasons: Reasons = {}
  let services: StartedServices | undefined
  if (needsServices(args)) {
    services = await prepare(reasons, interrupted.signal)
    if (!services) return 1
  }
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...services?.environment,
    LIGHTFLUS_TESTS: tests,
    [unavailableVariable]: JSON.stringify(reasons),
  }
  // A test that waits for a server leaves its core to another: hence two workers even on two cores.
  const workers = Math.max(2, availableParallelism() - 1)
  const options = [`--maxWorkers=${workers}`, '--json', `--outputFile=${output}`]
  try {
    const code = await run(process.execPath, [...jest, ...args, ...options], env, interrupted.signal)
    if (interrupted.signal.aborted) return 130
    if (!existsSync(output)) throw new Error(`Jest ended with code ${code} and wrote no results`)
    report(countTests(JSON.parse(readFileSync(output, 'utf8')) as JestResults, root), reasons, begin)
    return code
  } finally {
    await services?.stop()
  }
}

process.exitCode = await main(process.argv.slice(2))
