import {
  deploymentStateFacts,
  type Deployment,
  type DeploymentState,
  type Job,
  type Version,
} from '@lightflus/contracts'

/** Small, valid API data for the presenters' tests; each takes what the test is about. */
export const now = Date.parse('2026-11-23T12:00:00Z')

type Status = Deployment['status']

interface JobSample {
  readonly name?: string
  readonly state?: DeploymentState | null
  readonly rates?: Job['rates']
  readonly sinceMs?: number
  readonly status?: Partial<Status>
  readonly spec?: Partial<Deployment['spec']>
}

export function jobSample({
  name = 'orders',
  state = 'RUNNING',
  rates = null,
  sinceMs = 60_000,
  status,
  spec,
}: JobSample = {}): Job {
  const since = new Date(now - sinceMs).toISOString()
  return {
    name,
    createdAt: since,
    latestVersion: 3,
    rates,
    deployment:
      state === null
        ? null
        : {
            id: '0f1e2d3c-0000-4000-8000-000000000001',
            job: name,
            createdAt: since,
            spec: {
              desired: 'running',
              version: 2,
              parallelism: 4,
              workers: 1,
              exchange: null,
              checkpointIntervalMs: 1_000,
              placement: 'shared',
              generation: 1,
              ...spec,
            },
            status: {
              state,
              sentence: deploymentStateFacts[state].sentence,
              observedGeneration: 1,
              attempt: 1,
              restarts: 0,
              since,
              error: null,
              lastCheckpoint: null,
              checkpointCounts: { completed: 0, failed: 0, lastFailure: null },
              savepointPending: false,
              workers: [],
              ...status,
            },
          },
  }
}

export const errorSample: NonNullable<Status['error']> = {
  code: 'LF_USER_FUNCTION',
  message: 'Job orders, operator map-2, record orders/0@1284: x is undefined (program.ts:3).',
  details: { job: 'orders', operator: 'map-2' },
  nextStep: 'Mend the function at the line that is named.',
}

export const graphSample: Version['graph'] = {
  formatVersion: 1,
  job: 'orders',
  operators: [
    {
      id: 'orders',
      kind: 'source',
      named: true,
      connector: 'kafka',
      connection: 'events',
      options: { connector: { topic: 'orders' } },
    },
    { id: 'keyBy-1', kind: 'keyBy', named: false, options: { onError: 'fail' } },
    {
      id: 'per-minute',
      kind: 'window',
      named: true,
      options: { windower: { kind: 'tumbling', sizeMs: 60_000, offsetMs: 0 } },
    },
    { id: 'mysql', kind: 'sink', named: true, connector: 'mysql', connection: 'shop-db', options: {} },
  ],
  edges: [
    { from: 'orders', to: 'keyBy-1', exchange: 'forward' },
    { from: 'keyBy-1', to: 'per-minute', exchange: 'keyed' },
    { from: 'per-minute', to: 'mysql', exchange: 'forward' },
  ],
}
