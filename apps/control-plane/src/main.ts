import { isLightflusError } from '@lightflus/api'
import pino from 'pino'
import { readConfig } from './config/config.ts'
import { openProvisioner } from './provisioner/open-provisioner.ts'
import { openQueue } from './queue/open-queue.ts'
import { startControlPlane } from './start.ts'

const logger = pino({ name: 'lightflus' })

try {
  const config = readConfig(process.env)
  logger.level = config.logLevel
  const queue = await openQueue(config, (name, key, error) =>
    logger.error({ queue: name, key, err: error }, 'A wake-up could not be handled.'),
  )
  const provisioner = await openProvisioner(config)
  const controlPlane = await startControlPlane(config, { provisioner, queue })
  logger.info({ url: controlPlane.url }, 'The control plane answers.')
  let closing: Promise<void> | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      closing ??= controlPlane.close().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, 'The control plane did not end cleanly.')
          process.exit(1)
        },
      )
    })
} catch (error) {
  if (isLightflusError(error)) logger.fatal({ code: error.code, nextStep: error.nextStep }, error.message)
  else logger.fatal({ err: error }, 'The control plane cannot start.')
  process.exitCode = 1
  // Whatever was opened before the failure would keep the process alive.
  setImmediate(() => process.exit(1))
}
