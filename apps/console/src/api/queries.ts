import { isLightflusError } from '@lightflus/api'
import type { Client, Job } from '@lightflus/contracts'
import { recordRates, type RateHistory } from './rate-history.ts'
import { QueryClient, queryOptions } from '@tanstack/react-query'

/** The list asks for this many pages at most; beyond it the console says that it shows a part. */
const jobPagesMax = 10
const jobsPerPage = 200

export interface JobList {
  readonly jobs: readonly Job[]
  /** False: the tenant has more jobs than the console lists. */
  readonly complete: boolean
  readonly history: RateHistory
}

async function listAllJobs(client: Client): Promise<Omit<JobList, 'history'>> {
  const jobs: Job[] = []
  let cursor: string | undefined
  for (let page = 0; page < jobPagesMax; page += 1) {
    const answer = await client.listJobs({ query: { limit: jobsPerPage, ...(cursor ? { cursor } : {}) } })
    jobs.push(...answer.items)
    if (answer.nextCursor === null) return { jobs, complete: true }
    cursor = answer.nextCursor
  }
  return { jobs, complete: false }
}

/** What the console asks of the API, each with its place in the cache. */
export function createQueries(client: Client) {
  const newest = { limit: 200 } as const
  let history: RateHistory = new Map()
  return {
    jobs: () =>
      queryOptions({
        queryKey: ['jobs'],
        queryFn: async (): Promise<JobList> => {
          const list = await listAllJobs(client)
          history = recordRates(history, list.jobs)
          return { ...list, history }
        },
        // Rates are live by asking again; a long list asks less often.
        refetchInterval: (query) => ((query.state.data?.jobs.length ?? 0) > jobsPerPage ? 10_000 : 2_000),
      }),
    job: (name: string) =>
      queryOptions({ queryKey: ['job', name], queryFn: () => client.getJob({ params: { name } }) }),
    versions: (name: string) =>
      queryOptions({
        queryKey: ['job', name, 'versions'],
        queryFn: () => client.listVersions({ params: { name }, query: newest }),
      }),
    version: (name: string, version: number) =>
      queryOptions({
        queryKey: ['job', name, 'version', version],
        queryFn: () => client.getVersion({ params: { name, version } }),
        // Versions never change.
        staleTime: Number.POSITIVE_INFINITY,
      }),
    logs: (name: string) =>
      queryOptions({
        queryKey: ['job', name, 'logs'],
        queryFn: () => client.listLogs({ params: { name }, query: newest }),
      }),
    rows: (name: string) =>
      queryOptions({
        queryKey: ['job', name, 'rows'],
        queryFn: () => client.listRows({ params: { name }, query: newest }),
      }),
    events: (name: string) =>
      queryOptions({
        queryKey: ['job', name, 'events'],
        queryFn: () => client.listEvents({ params: { name }, query: newest }),
      }),
    checkpoints: (name: string) =>
      queryOptions({
        queryKey: ['job', name, 'checkpoints'],
        queryFn: () => client.listCheckpoints({ params: { name }, query: newest }),
        refetchInterval: 2_000,
      }),
    connections: () =>
      queryOptions({ queryKey: ['connections'], queryFn: () => client.listConnections({ query: newest }) }),
    apiKeys: () => queryOptions({ queryKey: ['api-keys'], queryFn: () => client.listApiKeys({ query: newest }) }),
    usage: (from: string, to: string | undefined, job: string | undefined) =>
      queryOptions({
        queryKey: ['usage', from, to, job],
        queryFn: () => client.getUsage({ query: { from, ...(to ? { to } : {}), ...(job ? { job } : {}) } }),
        refetchInterval: 60_000,
      }),
  }
}
export type Queries = ReturnType<typeof createQueries>

/** Repeats a failed question twice where the error's own entry says that this can help. */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        retry: (failures, error) => failures < 2 && isLightflusError(error) && error.code === 'LF_PLATFORM_UNREACHABLE',
        retryDelay: (failures) => 400 * 2 ** failures,
      },
    },
  })
