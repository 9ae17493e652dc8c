import type { DeploymentState, Role } from '@lightflus/contracts'
import pg from 'pg'

export interface Owned {
  readonly tenantId: string
  readonly id: string
}

export interface UserWithPassword {
  readonly id: string
  readonly email: string
  readonly passwordHash: string
}

export interface MembershipOfUser {
  readonly tenantId: string
  readonly tenantName: string
  readonly role: Role
}

/**
 * Everything that is asked without knowing a tenant: which tenant a credential or a deployment belongs to, and who a
 * person is. Runs as lightflus_platform, whose rights are these queries and nothing beyond; what follows from an
 * answer is done as the tenant.
 */
export class PlatformQueries {
  readonly #pool: pg.Pool

  constructor(url: string, connectionsMax: number, onError: (error: unknown) => void) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connectionsMax,
      application_name: 'lightflus-platform',
      options: '-c role=lightflus_platform',
      connectionTimeoutMillis: 10_000,
    })
    this.#pool.on('error', onError)
  }

  async userByEmail(email: string): Promise<UserWithPassword | undefined> {
    return this.#first('SELECT id, email, password_hash AS "passwordHash" FROM app_user WHERE email = $1', [email])
  }

  async membershipsOf(userId: string): Promise<readonly MembershipOfUser[]> {
    return this.#rows(
      `SELECT m.tenant_id AS "tenantId", t.name AS "tenantName", m.role
       FROM membership m JOIN tenant t ON t.id = m.tenant_id WHERE m.user_id = $1 ORDER BY t.name`,
      [userId],
    )
  }

  /** False: there is a user of this e-mail already. */
  async createUser(user: UserWithPassword): Promise<boolean> {
    const result = await this.#pool.query(
      'INSERT INTO app_user (id, email, password_hash) VALUES ($1, $2, $3) ON CONFLICT (email) DO NOTHING',
      [user.id, user.email, user.passwordHash],
    )
    return result.rowCount === 1
  }

  async changePassword(userId: string, passwordHash: string): Promise<void> {
    await this.#pool.query('UPDATE app_user SET password_hash = $2 WHERE id = $1', [userId, passwordHash])
  }

  async tenantByName(name: string): Promise<{ readonly id: string } | undefined> {
    return this.#first('SELECT id FROM tenant WHERE name = $1', [name])
  }

  async tenantIds(): Promise<readonly string[]> {
    const rows = await this.#rows<{ id: string }>('SELECT id FROM tenant ORDER BY id', [])
    return rows.map(({ id }) => id)
  }

  async refreshTokenByHash(hash: string): Promise<Owned | undefined> {
    return this.#first('SELECT tenant_id AS "tenantId", id FROM refresh_token WHERE token_hash = $1', [hash])
  }

  async apiKeyByHash(hash: string): Promise<Owned | undefined> {
    return this.#first('SELECT tenant_id AS "tenantId", id FROM api_key WHERE key_hash = $1', [hash])
  }

  async workerByTokenHash(hash: string): Promise<Owned | undefined> {
    return this.#first('SELECT tenant_id AS "tenantId", id FROM worker WHERE token_hash = $1', [hash])
  }

  async workers(): Promise<readonly Owned[]> {
    return this.#rows('SELECT tenant_id AS "tenantId", id FROM worker', [])
  }

  async deploymentsIn(states: readonly DeploymentState[]): Promise<readonly Owned[]> {
    return this.#rows('SELECT tenant_id AS "tenantId", id FROM deployment WHERE state::text = ANY ($1)', [states])
  }

  async countDeployments(): Promise<ReadonlyMap<DeploymentState, number>> {
    const rows = await this.#rows<{ state: DeploymentState; count: string }>(
      'SELECT state, count(*) FROM deployment GROUP BY state',
      [],
    )
    return new Map(rows.map(({ state, count }) => [state, Number(count)]))
  }

  /** Those of the two roles that row-level security would not hold back. */
  async unsafeRoles(): Promise<readonly string[]> {
    const rows = await this.#rows<{ rolname: string }>(
      `SELECT rolname FROM pg_roles WHERE rolname IN ('lightflus_app', 'lightflus_platform')
       AND (rolsuper OR rolbypassrls)`,
      [],
    )
    return rows.map(({ rolname }) => rolname)
  }

  async ping(): Promise<void> {
    await this.#pool.query('SELECT 1')
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #rows<T extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<T[]> {
    return (await this.#pool.query<T>(sql, values)).rows
  }

  async #first<T extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<T | undefined> {
    return (await this.#rows<T>(sql, values))[0]
  }
}
