import { z } from 'zod'
import {
  apiKeySchema,
  createApiKeySchema,
  createdApiKeySchema,
  principalSchema,
  refreshSchema,
  sessionSchema,
  signInSchema,
  type Role,
} from './auth.ts'
import { pageOf, pageQuery, resourceName } from './common.ts'
import { connectionSchema, connectionTestSchema, putConnectionSchema } from './connections.ts'
import {
  appliedJobSchema,
  applyJobSchema,
  checkResultSchema,
  deploymentSchema,
  deploySchema,
  jobEventSchema,
  jobMetricsSchema,
  jobSchema,
  programSchema,
  storedLogLineSchema,
  storedRowSchema,
  versionNumber,
  versionSchema,
  versionSummarySchema,
} from './jobs.ts'
import type { LifecycleVerb } from '../deployment-lifecycle.table.ts'
import { checkpointReportSchema } from '../worker-protocol.ts'
import { usageQuery, usageSchema } from './usage.ts'

/** One route. `params`, `query`, `body` and `response` are `undefined` schemas where it has none. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  /** The least role that may call it; `public` needs no credentials. */
  readonly access: Role | 'public'
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType
  readonly response: z.ZodType
  readonly summary: string
}

const none = z.undefined()
const job = z.object({ name: resourceName })
const lifecycle = (verb: LifecycleVerb, summary: string) =>
  ({
    access: 'developer',
    method: 'POST',
    path: `/api/v1/jobs/{name}/${verb}`,
    params: job,
    query: none,
    body: none,
    response: deploymentSchema,
    summary,
  }) as const

/**
 * Every route of the REST API: the server binds its controllers to this table, the client and OpenAPI are made from
 * it. Live data is not in it: `GET /api/v1/jobs/{name}/live` answers with server-sent {@link LiveEvent}s.
 */
export const routes = {
  signIn: {
    access: 'public',
    method: 'POST',
    path: '/api/v1/auth/sign-in',
    params: none,
    query: none,
    body: signInSchema,
    response: sessionSchema,
    summary: 'Sign in with e-mail and password',
  },
  refreshSession: {
    access: 'public',
    method: 'POST',
    path: '/api/v1/auth/refresh',
    params: none,
    query: none,
    body: refreshSchema,
    response: sessionSchema,
    summary: 'Trade a refresh token for a new session',
  },
  signOut: {
    access: 'public',
    method: 'POST',
    path: '/api/v1/auth/sign-out',
    params: none,
    query: none,
    body: refreshSchema,
    response: none,
    summary: 'End a session',
  },
  whoAmI: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/auth/me',
    params: none,
    query: none,
    body: none,
    response: principalSchema,
    summary: 'Who the credentials belong to',
  },

  listApiKeys: {
    access: 'admin',
    method: 'GET',
    path: '/api/v1/api-keys',
    params: none,
    query: pageQuery,
    body: none,
    response: pageOf(apiKeySchema),
    summary: 'API keys of the tenant',
  },
  createApiKey: {
    access: 'admin',
    method: 'POST',
    path: '/api/v1/api-keys',
    params: none,
    query: none,
    body: createApiKeySchema,
    response: createdApiKeySchema,
    summary: 'Make an API key; it is shown once',
  },
  deleteApiKey: {
    access: 'admin',
    method: 'DELETE',
    path: '/api/v1/api-keys/{id}',
    params: z.object({ id: z.uuid() }),
    query: none,
    body: none,
    response: none,
    summary: 'Revoke an API key',
  },

  checkProgram: {
    access: 'developer',
    method: 'POST',
    path: '/api/v1/programs/check',
    params: none,
    query: none,
    body: programSchema,
    response: checkResultSchema,
    summary: 'Check a program: diagnostics and graph',
  },

  listJobs: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/jobs',
    params: none,
    query: pageQuery,
    body: none,
    response: pageOf(jobSchema),
    summary: 'Jobs of the tenant',
  },
  getJob: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/jobs/{name}',
    params: job,
    query: none,
    body: none,
    response: jobSchema,
    summary: 'One job',
  },
  applyJob: {
    access: 'developer',
    method: 'PUT',
    path: '/api/v1/jobs/{name}',
    params: job,
    query: none,
    body: applyJobSchema,
    response: appliedJobSchema,
    summary: 'Make or change a job: a new version if the program changed, and deploy it if asked',
  },
  deleteJob: {
    access: 'developer',
    method: 'DELETE',
    path: '/api/v1/jobs/{name}',
    params: job,
    query: none,
    body: none,
    response: none,
    summary: 'Delete a job whose deployment has ended',
  },
  listVersions: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/jobs/{name}/versions',
    params: job,
    query: pageQuery,
    body: none,
    response: pageOf(versionSummarySchema),
    summary: 'Versions, newest first',
  },
  getVersion: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/jobs/{name}/versions/{version}',
    params: job.extend({ version: z.coerce.number().pipe(versionNumber) }),
    query: none,
    body: none,
    response: versionSchema,
    summary: 'One version with its program and graph',
  },

  deployJob: {
    access: 'developer',
    method: 'POST',
    path: '/api/v1/jobs/{name}/deploy',
    params: job,
    query: none,
    body: deploySchema,
    response: deploymentSchema,
    summary: 'Run a version',
  },
  suspendJob: lifecycle('suspend', 'Pause with a savepoint'),
  resumeJob: lifecycle('resume', 'Go on from the savepoint'),
  stopJob: lifecycle('stop', 'End for good with a savepoint'),
  drainJob: lifecycle('drain', 'Read no more, fire every window, end'),
  cancelJob: lifecycle('cancel', 'End at once'),
  takeSavepoint: {
    access: 'developer',
    method: 'POST',
    path: '/api/v1/jobs/{name}/savepoints',
    params: job,
    query: none,
    body: none,
    response: deploymentSchema,
    summary: 'Take a savepoint while the job goes on',
  },
  listCheckpoints: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/jobs/{name}/checkpoints',
    params: job,
    query: pageQuery,
    body: none,
    response: pageOf(checkpointReportSchema),
    summary: 'Checkpoints and savepoints, newest first',
  },
  getMetrics: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/jobs/{name}/metrics',
    params: job,
    query: none,
    body: none,
    response: jobMetricsSchema,
    summary: 'Records, state and lag of each operator of a job now',
  },

  listEvents: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/jobs/{name}/events',
    params: job,
    query: pageQuery,
    body: none,
    response: pageOf(jobEventSchema),
    summary: 'What happened to a job, newest first',
  },
  listLogs: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/jobs/{name}/logs',
    params: job,
    query: pageQuery,
    body: none,
    response: pageOf(storedLogLineSchema),
    summary: 'Log lines, newest first',
  },
  listRows: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/jobs/{name}/rows',
    params: job,
    query: pageQuery,
    body: none,
    response: pageOf(storedRowSchema),
    summary: 'Newest result rows of table sinks',
  },

  listConnections: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/connections',
    params: none,
    query: pageQuery,
    body: none,
    response: pageOf(connectionSchema),
    summary: 'Connections of the tenant, without secrets',
  },
  getConnection: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/connections/{name}',
    params: job,
    query: none,
    body: none,
    response: connectionSchema,
    summary: 'One connection, without secrets',
  },
  putConnection: {
    access: 'admin',
    method: 'PUT',
    path: '/api/v1/connections/{name}',
    params: job,
    query: none,
    body: putConnectionSchema,
    response: connectionSchema,
    summary: 'Make or change a connection',
  },
  deleteConnection: {
    access: 'admin',
    method: 'DELETE',
    path: '/api/v1/connections/{name}',
    params: job,
    query: none,
    body: none,
    response: none,
    summary: 'Delete a connection',
  },
  testConnection: {
    access: 'developer',
    method: 'POST',
    path: '/api/v1/connections/{name}/test',
    params: job,
    query: none,
    body: none,
    response: connectionTestSchema,
    summary: 'Say what is wrong with a connection',
  },

  getUsage: {
    access: 'viewer',
    method: 'GET',
    path: '/api/v1/usage',
    params: none,
    query: usageQuery,
    body: none,
    response: usageSchema,
    summary: 'Metered use by job and hour',
  },
} as const satisfies Record<string, Route>

export type Routes = typeof routes
export type RouteName = keyof Routes
