import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Logger as NestLogger } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import express from 'express'
import { Logger } from 'nestjs-pino'
import { AppModule } from './app.module.ts'
import type { Config } from './config/config.ts'
import { serveConsole } from './console/serve-console.ts'
import { deriveKeys, loadEncryptionKey } from './crypto/keys.ts'
import { Database } from './database/database.ts'
import { migrate } from './database/migrate.ts'
import { readRelease } from './embedded/installation.ts'
import { bodyBytesMax, workerBodyBytesMax } from './http/body-limits.ts'
import { requestId } from './http/request-id.ts'
import { securityHeaders } from './http/security-headers.ts'
import { serveApiDocs } from './openapi/serve-api-docs.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { defaultLimits, type Limits } from './platform/limits.ts'
import type { PlatformParts } from './platform/platform.module.ts'
import type { Provisioner } from './provisioner/provisioner.ts'
import type { WorkQueue } from './queue/work-queue.ts'
import { Reconciler } from './reconciler/reconciler.ts'
import { Demo } from './tenants/demo.ts'
import { AuthenticateWorker } from './workers/authenticate-worker.ts'
import { knownWorkersOnly } from './workers/known-workers-only.ts'

export interface ControlPlaneDrivers {
  readonly provisioner: Provisioner
  readonly queue: WorkQueue
}

/** What tests replace. */
export interface ControlPlaneOverrides {
  readonly clock?: Clock
  readonly limits?: Partial<Limits>
}

export interface ControlPlane {
  /** Where it answers. */
  readonly url: string
  readonly database: Database
  readonly app: NestExpressApplication
  /** Ends it: no more requests, no more wake-ups, streams closed. Workers live on. */
  close(): Promise<void>
}

const builtConsole = fileURLToPath(new URL('../../console/dist', import.meta.url))

/**
 * Starts a control plane and resolves when it answers. It closes the drivers with itself.
 * @throws LF_CONFIG_INVALID, LF_DATABASE_…
 */
export async function startControlPlane(
  config: Config,
  drivers: ControlPlaneDrivers,
  overrides: ControlPlaneOverrides = {},
): Promise<ControlPlane> {
  const keys = deriveKeys(await loadEncryptionKey(config.encryptionKey, config.dataDir))
  const databaseLogger = new NestLogger('Database')
  const onError = (error: unknown) => databaseLogger.warn({ err: error }, 'A connection to the database broke.')
  const database = new Database({ url: config.databaseUrl, connectionsMax: config.databaseConnectionsMax, onError })
  const parts: PlatformParts = {
    config,
    keys,
    database,
    ...drivers,
    clock: overrides.clock ?? systemClock,
    limits: { ...defaultLimits, ...overrides.limits },
  }
  const closeRest = async () => {
    await drivers.provisioner.close()
    await database.close()
  }
  try {
    if (config.embedded) await migrate(config.databaseUrl)
    await database.assertUsable()
    const app = await createApp(parts)
    const demoTenantId = config.demo ? await app.get(Demo).ensureTenant() : undefined
    await app.listen(config.port, config.host)
    const { port } = app.getHttpServer().address() as AddressInfo
    const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
    app.get(Reconciler).start(config.publicUrl ?? url)
    if (demoTenantId !== undefined) void deployDemo(app, demoTenantId)
    return {
      url,
      database,
      app,
      async close() {
        await drivers.queue.close()
        await app.close()
        await closeRest()
      },
    }
  } catch (error) {
    await drivers.queue.close()
    await closeRest()
    throw error
  }
}

async function createApp(parts: PlatformParts): Promise<NestExpressApplication> {
  const { config } = parts
  const app = await NestFactory.create<NestExpressApplication>(AppModule.of(parts), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
    forceCloseConnections: true,
  })
  app.useLogger(app.get(Logger))
  app.set('trust proxy', config.trustedProxies)
  app.disable('x-powered-by')
  const { version } = await readRelease()
  const headers = securityHeaders(config.embedded)
  app.use(requestId, headers, serveApiDocs(version), serveConsole(config.consoleDir ?? builtConsole))
  // Credentials first: what a worker sends may be large, and a stranger's is not even parsed.
  app.use('/worker', knownWorkersOnly(app.get(AuthenticateWorker)), express.json({ limit: workerBodyBytesMax }))
  // The body of records is the sender's own: it is read as it is.
  app.use('/api/v1/jobs/:name/ingest', express.raw({ type: () => true, limit: bodyBytesMax }))
  app.use('/api', express.json({ limit: bodyBytesMax }))
  await app.init()
  return app
}

/** The example comes up beside the rest: checking its program takes longer than the whole start. */
async function deployDemo(app: NestExpressApplication, tenantId: string): Promise<void> {
  try {
    await app.get(Demo).ensureJob(tenantId)
  } catch (error) {
    app.get(Logger).error({ err: error }, 'The example job could not be deployed; the next start tries again.')
  }
}
