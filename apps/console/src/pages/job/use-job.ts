import type { Job } from '@lightflus/contracts'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useServices } from '../../services.tsx'

/** The job of the page; its frame has loaded it before any tab is shown. */
export function useJob(name: string): Job {
  const { queries } = useServices()
  return useSuspenseQuery(queries.job(name)).data
}
