import type { RouteName } from '@lightflus/contracts'
import { generatorProgram } from './programs.ts'

/** Names that a call of a route is about. */
export interface Named {
  readonly job: string
  readonly connection: string
  readonly apiKey: string
}

type Call = { readonly params?: object; readonly query?: object; readonly body?: unknown }

/**
 * One sensible call of every route, about things that exist. `satisfies` makes a route without one a type error, so no
 * route escapes the tests that go over all of them.
 */
export function routeCalls({ job: name, connection, apiKey: id }: Named) {
  const job = { params: { name } }
  return {
    signIn: { body: { email: 'nobody@nowhere.example', password: 'x' } },
    refreshSession: { body: { refreshToken: 'x' } },
    signOut: { body: { refreshToken: 'x' } },
    whoAmI: {},
    listApiKeys: {},
    createApiKey: { body: { name: 'made by a test', role: 'viewer' } },
    deleteApiKey: { params: { id } },
    checkProgram: { body: generatorProgram(name) },
    listJobs: {},
    getJob: job,
    applyJob: { ...job, body: { program: generatorProgram(name) } },
    deleteJob: job,
    listVersions: job,
    getVersion: { params: { name, version: 1 } },
    deployJob: { ...job, body: {} },
    suspendJob: job,
    resumeJob: job,
    stopJob: job,
    drainJob: job,
    cancelJob: job,
    takeSavepoint: job,
    listCheckpoints: job,
    getMetrics: job,
    listEvents: job,
    listLogs: job,
    listRows: job,
    listConnections: {},
    getConnection: { params: { name: connection } },
    putConnection: { params: { name: connection }, body: { kind: 'redis', options: { host: 'elsewhere.example' } } },
    deleteConnection: { params: { name: connection } },
    testConnection: { params: { name: connection } },
    getUsage: { query: { job: name } },
  } satisfies Record<RouteName, Call>
}
