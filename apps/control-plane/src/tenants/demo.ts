import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applyJobSchema } from '@lightflus/contracts'
import { Inject, Injectable } from '@nestjs/common'
import { AuditLog } from '../audit/audit-log.ts'
import type { Config } from '../config/config.ts'
import { Database } from '../database/database.ts'
import { newPassword, readDemoAccount, writeDemoAccount } from '../embedded/demo-account.ts'
import { installationRoot } from '../embedded/installation.ts'
import { ApplyJob } from '../jobs/use-cases/apply-job.ts'
import { CONFIG } from '../platform/platform.module.ts'
import { createTenant } from './create-tenant.ts'

export const demoTenant = 'demo'
const demoEmail = 'demo@lightflus.dev'
const exampleJob = 'shop-live'
const deployed = 'deployDemo'

/** The tenant and the job that a platform on one's own machine begins with. Made once: what the user deletes stays so. */
@Injectable()
export class Demo {
  readonly #database: Database
  readonly #apply: ApplyJob
  readonly #audit: AuditLog
  readonly #config: Config

  constructor(database: Database, apply: ApplyJob, audit: AuditLog, @Inject(CONFIG) config: Config) {
    this.#database = database
    this.#apply = apply
    this.#audit = audit
    this.#config = config
  }

  /** The demo tenant, whose account lies in the data folder for each start to show. Returns the tenant's id. */
  async ensureTenant(): Promise<string> {
    const known = await this.#database.platform.tenantByName(demoTenant)
    if (known) return known.id
    const { dataDir } = this.#config
    if (dataDir === null) throw new Error('a demo needs a data folder')
    // The account is kept before it is made: a start that dies in between goes on with the same password.
    const account = (await readDemoAccount(dataDir)) ?? {
      tenant: demoTenant,
      email: demoEmail,
      password: newPassword(),
    }
    await writeDemoAccount(dataDir, account)
    return createTenant(this.#database, { name: demoTenant, owner: account })
  }

  /** The example job, applied and deployed the first time. */
  async ensureJob(tenantId: string): Promise<void> {
    const done = await this.#database.tenant(tenantId, (tx) =>
      tx.client.auditEntry.findFirst({ where: { tenantId, action: deployed, status: 200 }, select: { id: true } }),
    )
    if (done) return
    const text = await readFile(join(installationRoot, 'examples', `${exampleJob}.ts`), 'utf8')
    const job = applyJobSchema.parse({ program: { fileName: `${exampleJob}.ts`, text }, deployment: {} })
    await this.#apply.execute({ caller: { tenantId, name: 'platform' }, name: exampleJob, job })
    await this.#database.tenant(tenantId, (tx) =>
      this.#audit.record(tx, {
        actor: 'platform',
        action: deployed,
        target: exampleJob,
        status: 200,
        requestId: 'start',
      }),
    )
  }
}
