import { Tabs } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, Outlet, useMatchRoute, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Empty } from '../../components/empty.tsx'
import { Page } from '../../components/page.tsx'
import { isNotFound, Problem } from '../../components/problem.tsx'
import { LinkBanner } from '../../live/link-status.tsx'
import { LiveProvider, useLive } from '../../live/live-provider.tsx'
import { useServices } from '../../services.tsx'
import { PageLoading } from '../../shell/page-loading.tsx'
import { IconActivity } from '@tabler/icons-react'
import { JobHeader } from './job-header.tsx'
import classes from './job-layout.module.css'

const route = getRouteApi('/signed-in/jobs/$name')

const tabs = [
  { to: '/jobs/$name', label: 'Overview' },
  { to: '/jobs/$name/results', label: 'Results' },
  { to: '/jobs/$name/logs', label: 'Logs' },
  { to: '/jobs/$name/events', label: 'Events' },
  { to: '/jobs/$name/checkpoints', label: 'Checkpoints' },
  { to: '/jobs/$name/versions', label: 'Versions' },
  { to: '/jobs/$name/settings', label: 'Settings' },
] as const

/** The frame of a job's tabs: it holds the live line, so that going from tab to tab loses nothing. */
export function JobLayout() {
  const { name } = route.useParams()
  const { queries } = useServices()
  const job = useQuery(queries.job(name))
  if (isNotFound(job.error))
    return (
      <Page title={name} header={null}>
        <Empty icon={<IconActivity size={20} />} title={`There is no job ${name}`}>
          <p>It may have been deleted, or belong to another tenant.</p>
          <Link to="/jobs" className={classes.back}>
            See the jobs of this tenant
          </Link>
        </Empty>
      </Page>
    )
  if (job.isPending) return <PageLoading />
  if (!job.data)
    return (
      <Page title={name}>
        <Problem error={job.error} onRetry={() => void job.refetch()} />
      </Page>
    )
  return (
    <LiveProvider job={name} key={name}>
      <LiveToCache name={name} />
      <Page title={name} header={<JobHeader job={job.data} />}>
        <LinkBanner />
        <JobTabs name={name} />
        <Outlet />
      </Page>
    </LiveProvider>
  )
}

/** What the live line says of the job's status replaces what was fetched; a new line fills gaps by asking again. */
function LiveToCache({ name }: { readonly name: string }) {
  const { queries } = useServices()
  const cache = useQueryClient()
  const job = useLive((state) => state.job)
  const connections = useLive((state) => state.connections)
  useEffect(() => {
    if (job) cache.setQueryData(queries.job(name).queryKey, job)
  }, [job, name, queries, cache])
  useEffect(() => {
    if (connections > 1) void cache.invalidateQueries({ queryKey: ['job', name] })
  }, [connections, name, cache])
  return null
}

function JobTabs({ name }: { readonly name: string }) {
  const navigate = useNavigate()
  const matches = useMatchRoute()
  const active = tabs.find(({ to }) => matches({ to, fuzzy: to !== '/jobs/$name' }))
  useHotkeys(tabs.map(({ to }, index) => [String(index + 1), () => void navigate({ to, params: { name } })]))
  return (
    <Tabs value={active?.label ?? null} className={classes.tabs}>
      <Tabs.List aria-label={`Parts of ${name}`}>
        {tabs.map(({ to, label }) => (
          <Tabs.Tab
            key={label}
            value={label}
            renderRoot={(props) => <Link to={to} params={{ name }} {...props} type={undefined} />}
          >
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  )
}
