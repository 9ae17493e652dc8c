import { z } from 'zod'
import { apiKeySchema, createApiKeySchema, createdApiKeySchema, principalSchema, refreshSchema, sessionSchema, signInSchema } from './auth.ts'
import { pageOf, pageQuery, resourceName } from './common.ts'
import { connectionSchema, connectionTestSchema, putConnectionSchema } from './connections.ts'
import {
  appliedJobSchema,
  applyJobSchema,
  checkResultSchema,
  deploymentSchema,
  deploySchema,
  jobEventSchema,
  jobSchema,
  programSchema,
  storedLogLineSchema,
  storedRowSchema,
  versionSchema,
  versionSummarySchema,
} from './jobs.ts'
import { usageQuery, usageSchema } from './usage.ts'

const none = z.undefined()
const job = z.object({ name: resourceName })
const lifecycle = (verb: string, summary: string) =>
  ({ method: 'POST', path: `/api/v1/jobs/{name}/${verb}`, params: job, query: none, body: none, response: deploymentSchema, summary }) as const

/**
 * Every route of the REST API: the server binds its controllers to this table, the client and OpenAPI are made from
 * it. Live data is not in it: `GET /api/v1/jobs/{name}/live` answers with server-sent {@link LiveEvent}s.
 */
export const routes = {
  signIn: { method: 'POST', path: '/api/v1/auth/sign-in', params: none, query: none, body: signInSchema, response: sessionSchema, summary: 'Sign in with e-mail and password' },
  refreshSession: { method: 'POST', path: '/api/v1/auth/refresh', params: none, query: none, body: refreshSchema, response: sessionSchema, summary: 'Trade a refresh token for a new session' },
  signOut: { method: 'POST', path: '/api/v1/auth/sign-out', params: none, query: none, body: refreshSchema, response: none, summary: 'End a session' },
  whoAmI: { method: 'GET', path: '/api/v1/auth/me', params: none, query: none, body: none, response: principalSchema, summary: 'Who the credentials belong to' },

  listApiKeys: { method: 'GET', path: '/api/v1/api-keys', params: none, query: pageQuery, body: none, response: pageOf(apiKeySchema), summary: 'API keys of the tenant' },
  createApiKey: { method: 'POST', path: '/api/v1/api-keys', params: none, query: none, body: createApiKeySchema, response: createdApiKeySchema, summary: 'Make an API key; it is shown once' },
  deleteApiKey: { method: 'DELETE', path: '/api/v1/api-keys/{id}', params: z.object({ id: z.uuid() }), query: none, body: none, response: none, summary: 'Revoke an API key' },

  checkProgram: { method: 'POST', path: '/api/v1/programs/check', params: none, query: none, body: programSchema, response: checkResultSchema, summary: 'Check a program: diagnostics and graph' },

  listJobs: { method: 'GET', path: '/api/v1/jobs', params: none, query: pageQuery, body: none, response: pageOf(jobSchema), summary: 'Jobs of the tenant' },
  getJob: { method: 'GET', path: '/api/v1/jobs/{name}', params: job, query: none, body: none, response: jobSchema, summary: 'One job' },
  applyJob: { method: 'PUT', path: '/api/v1/jobs/{name}', params: job, query: none, body: applyJobSchema, response: appliedJobSchema, summary: 'Make or change a job: a new version if the program changed, and deploy it if asked' },
  deleteJob: { method: 'DELETE', path: '/api/v1/jobs/{name}', params: job, query: none, body: none, response: none, summary: 'Delete a job whose deployment has ended' },
  listVersions: { method: 'GET', path: '/api/v1/jobs/{name}/versions', params: job, query: pageQuery, body: none, response: pageOf(versionSummarySchema), summary: 'Versions, newest first' },
  getVersion: { method: 'GET', path: '/api/v1/jobs/{name}/versions/{version}', params: job.extend({ version: z.coerce.number().int() }), query: none, body: none, response: versionSchema, summary: 'One version with its program and graph' },

  deployJob: { method: 'POST', path: '/api/v1/jobs/{name}/deploy', params: job, query: none, body: deploySchema, response: deploymentSchema, summary: 'Run a version' },
  suspendJob: lifecycle('suspend', 'Pause with a savepoint'),
  resumeJob: lifecycle('resume', 'Go on from the savepoint'),
  stopJob: lifecycle('stop', 'End for good with a savepoint'),
  drainJob: lifecycle('drain', 'Read no more, fire every window, end'),
  cancelJob: lifecycle('cancel', 'End at once'),

  listEvents: { method: 'GET', path: '/api/v1/jobs/{name}/events', params: job, query: pageQuery, body: none, response: pageOf(jobEventSchema), summary: 'What happened to a job, newest first' },
  listLogs: { method: 'GET', path: '/api/v1/jobs/{name}/logs', params: job, query: pageQuery, body: none, response: pageOf(storedLogLineSchema), summary: 'Log lines, newest first' },
  listRows: { method: 'GET', path: '/api/v1/jobs/{name}/rows', params: job, query: pageQuery, body: none, response: pageOf(storedRowSchema), summary: 'Newest result rows of table sinks' },

  listConnections: { method: 'GET', path: '/api/v1/connections', params: none, query: pageQuery, body: none, response: pageOf(connectionSchema), summary: 'Connections of the tenant, without secrets' },
  getConnection: { method: 'GET', path: '/api/v1/connections/{name}', params: job, query: none, body: none, response: connectionSchema, summary: 'One connection, without secrets' },
  putConnection: { method: 'PUT', path: '/api/v1/connections/{name}', params: job, query: none, body: putConnectionSchema, response: connectionSchema, summary: 'Make or change a connection' },
  deleteConnection: { method: 'DELETE', path: '/api/v1/connections/{name}', params: job, query: none, body: none, response: none, summary: 'Delete a connection' },
  testConnection: { method: 'POST', path: '/api/v1/connections/{name}/test', params: job, query: none, body: none, response: connectionTestSchema, summary: 'Say what is wrong with a connection' },

  getUsage: { method: 'GET', path: '/api/v1/usage', params: none, query: usageQuery, body: none, response: usageSchema, summary: 'Metered use by job and hour' },
} as const

export type Routes = typeof routes
export type RouteName = keyof Routes
