import { rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startServices } from './start-services.ts'

const usage = `Real services for tests: Kafka, Redis, MariaDB, Postgres and S3 on free ports, with nothing in them.

  node libs/testing/src/services/main.ts up [--env FILE]

Starts them, prints their addresses, and stops them on Ctrl-C. --env also writes the addresses as KEY=value lines:
  set -a; . FILE; set +a
An address that is set before (KAFKA_BOOTSTRAP, REDIS_URL, MYSQL_URL, DATABASE_URL, S3_ENDPOINT) is
used instead of starting one.
`

async function up(file: string | undefined): Promise<void> {
  const stopAsked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  const services = await startServices({ onReady: (name, address) => console.log(`${name} ready: ${address}`) })
  const failures = Object.entries(services.failures)
  if (failures.length > 0) {
    for (const [name, reason] of failures) console.error(`${name}: ${reason}`)
    await services.stop()
    process.exitCode = 1
    return
  }
  const lines = Object.entries(services.environment).map(([key, value]) => `${key}=${value}`)
  if (file) writeFileSync(file, `${lines.join('\n')}\n`)
  console.log(`All are ready. Ctrl-C stops them.\n${lines.join('\n')}`)
  // The servers' processes keep this one alive.
  await stopAsked
  if (file) rmSync(file, { force: true })
  await services.stop()
  console.log('All are stopped.')
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { env: { type: 'string' } } })
if (positionals.join(' ') === 'up') {
  await up(values.env)
} else {
  console.error(usage)
  process.exitCode = 2
}
