import { mkdir } from 'node:fs/promises'
import { isLightflusError } from '@lightflus/api'
import { readConfig } from './config.ts'
import { Worker } from './worker.ts'
import type { WorkerLog } from './worker-log.ts'

// One JSON line each, for whoever collects the output of this process. A tenant's own lines go to its jobs' logs instead.
const log: WorkerLog = (level, message, facts) => {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...facts })}\n`)
}

async function main(): Promise<void> {
  const config = readConfig(process.env)
  // A program shares this process: what it could read of the environment is gone before it runs.
  for (const name of Object.keys(process.env)) if (name.startsWith('LIGHTFLUS_')) delete process.env[name]
  await mkdir(config.folder, { recursive: true })
  const worker = new Worker(config, log)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => worker.end())
  log('info', 'worker started', { workerId: config.workerId, controlPlane: config.controlPlaneUrl })
  log('info', 'worker ended', { reason: await worker.run() })
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    log('error', error instanceof Error ? error.message : String(error), {
      ...(isLightflusError(error)
        ? { code: error.code, nextStep: error.nextStep }
        : { stack: error instanceof Error ? error.stack : undefined }),
    })
    process.exit(1)
  },
)
