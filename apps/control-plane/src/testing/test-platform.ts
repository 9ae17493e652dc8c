import { randomBytes } from 'node:crypto'
import { createClient, type Client, type Role } from '@lightflus/contracts'
import { temporaryFolder, uniqueName } from '@lightflus/testing/services'
import { readConfig } from '../config/config.ts'
import type { Limits } from '../platform/limits.ts'
import { InProcessQueue } from '../queue/in-process-queue.ts'
import { type ControlPlane, startControlPlane } from '../start.ts'
import { addMember, createTenant } from '../tenants/create-tenant.ts'
import { freshDatabase } from './fresh-database.ts'
import { ListedWorkers } from './listed-workers.ts'

/** A clock that runs with the real one, and jumps ahead when told to. */
export class JumpingClock {
  #ahead = 0

  now(): number {
    return Date.now() + this.#ahead
  }

  jump(ms: number): void {
    this.#ahead += ms
  }
}

export interface TestUser {
  readonly email: string
  readonly password: string
  readonly tenant: string
  readonly tenantId: string
}

export interface TestPlatformOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly limits?: Partial<Limits>
}

const generous: Partial<Limits> = {
  signInsPerAddress: { requestsMax: 10_000, windowMs: 60_000 },
  signInsPerEmail: { requestsMax: 10_000, windowMs: 60_000 },
}

/** A control plane on a database of its own, with workers for which the test speaks. */
export class TestPlatform {
  readonly clock = new JumpingClock()
  readonly databaseUrl: string
  readonly #environment: Readonly<Record<string, string>>
  readonly #limits: Partial<Limits>
  readonly #cleanUp: () => Promise<void>
  workers = new ListedWorkers()
  controlPlane!: ControlPlane
  readonly wakeErrors: unknown[] = []

  private constructor(
    databaseUrl: string,
    options: TestPlatformOptions,
    dataDir: string,
    cleanUp: () => Promise<void>,
  ) {
    this.databaseUrl = databaseUrl
    this.#limits = { ...generous, ...options.limits }
    this.#environment = {
      DATABASE_URL: databaseUrl,
      PORT: '0',
      LIGHTFLUS_MODE: 'embedded',
      LIGHTFLUS_DATA_DIR: dataDir,
      LIGHTFLUS_LOG_LEVEL: process.env.LIGHTFLUS_LOG_LEVEL ?? 'silent',
      LIGHTFLUS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      ...options.environment,
    }
    this.#cleanUp = cleanUp
  }

  static async start(options: TestPlatformOptions = {}): Promise<TestPlatform> {
    const database = await freshDatabase()
    const folder = temporaryFolder('control-plane')
    const platform = new TestPlatform(database.url, options, folder.path, async () => {
      await database.drop()
      await folder.remove()
    })
    platform.controlPlane = await platform.startReplica()
    return platform
  }

  /** Another control plane on the same database, workers and keys, with an environment that may differ. */
  async startReplica(environment: Readonly<Record<string, string>> = {}): Promise<ControlPlane> {
    const queue = new InProcessQueue((_queue, _key, error) => this.wakeErrors.push(error))
    const drivers = { provisioner: this.workers, queue }
    return startControlPlane(readConfig({ ...this.#environment, ...environment }), drivers, {
      clock: this.clock,
      limits: this.#limits,
    })
  }

  /** Ends the control plane and starts the next one; workers live on. */
  async restart(): Promise<void> {
    await this.controlPlane.close()
    this.controlPlane = await this.startReplica()
  }

  get url(): string {
    return this.controlPlane.url
  }

  /** A new tenant with its owner. */
  async tenant(name = uniqueName('tenant', '-')): Promise<TestUser> {
    const user = { email: `owner@${name}.example`, password: 'correct horse battery staple' }
    const tenantId = await createTenant(this.controlPlane.database, { name, owner: user })
    return { ...user, tenant: name, tenantId }
  }

  async member(tenant: TestUser, role: Role): Promise<TestUser> {
    const user = { ...tenant, email: `${role}@${tenant.tenant}.example` }
    await addMember(this.controlPlane.database, { ...user, role })
    return user
  }

  /** A client of the API with this bearer token. */
  clientWith(token: string | undefined): Client {
    return createClient({ baseUrl: this.url, token: () => token })
  }

  async signIn({ email, password, tenant }: TestUser): Promise<{ readonly client: Client; readonly token: string }> {
    const { accessToken } = await this.clientWith(undefined).signIn({ body: { email, password, tenant } })
    return { client: this.clientWith(accessToken), token: accessToken }
  }

  /** One request as it is, with its answer as it is. */
  async request(
    method: string,
    path: string,
    options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined,
    }
  }

  async close(): Promise<void> {
    await this.controlPlane.close()
    await this.#cleanUp()
  }
}
