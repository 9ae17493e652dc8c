import type { Job, Version } from '@lightflus/contracts'
import { useQuery, useSuspenseQuery, type UseQueryResult } from '@tanstack/react-query'
import { useServices } from '../../services.tsx'

/** The job of the page; its frame has loaded it before any tab is shown. */
export function useJob(name: string): Job {
  const { queries } = useServices()
  return useSuspenseQuery(queries.job(name)).data
}

/** The version that is deployed, or the newest where none ever was; without one the query stays pending. */
export function useShownVersion(job: Job): UseQueryResult<Version> {
  const { queries } = useServices()
  const shown = job.deployment?.spec.version ?? job.latestVersion
  return useQuery({ ...queries.version(job.name, shown ?? 0), enabled: shown !== null })
}
