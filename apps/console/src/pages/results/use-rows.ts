import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useLive } from '../../live/live-provider.tsx'
import { isThere, mergeRows, type ResultRow } from '../../live/live-state.ts'
import { useServices } from '../../services.tsx'

/** The result rows of a job: what was fetched, kept up to date by what comes live. Newest first. */
export function useRows(name: string): { readonly rows: readonly ResultRow[]; readonly fetched: UseQueryResult } {
  const { queries } = useServices()
  const fetched = useQuery(queries.rows(name))
  const live = useLive((state) => state.rows)
  const rows = useMemo(() => mergeRows(fetched.data?.items ?? [], live).filter(isThere), [fetched.data, live])
  return { rows, fetched }
}
