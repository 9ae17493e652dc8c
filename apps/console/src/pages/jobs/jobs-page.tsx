import { Button, Modal, SegmentedControl } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconActivity, IconArrowDown, IconFilterOff, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { StateBadge } from '../../components/badge.tsx'
import { Commands } from '../../components/commands.tsx'
import { Empty } from '../../components/empty.tsx'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { Sparkline } from '../../components/sparkline.tsx'
import table from '../../components/table.module.css'
import { useNow } from '../../components/use-now.ts'
import { useServices } from '../../services.tsx'
import classes from './jobs-page.module.css'
import { presentJobs, type JobGroup, type JobOrder, type JobRow, type JobsSearch, type JobsView } from './presenter.ts'

const route = getRouteApi('/signed-in/jobs')

const firstJob = [
  { says: 'Make a project', command: 'npx lightflus init my-job' },
  { says: 'Sign in here', command: `npx lightflus login ${location.origin}` },
  { says: 'Deploy its program', command: 'npx lightflus apply -f my-job/src/my-job.ts' },
]

export function JobsPage() {
  const { queries } = useServices()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const jobs = useQuery(queries.jobs())
  const now = useNow()
  const [makingOpen, making] = useDisclosure(false)
  const view = jobs.data && presentJobs(jobs.data, search, now)
  const change = (part: Partial<JobsSearch>): void => {
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  }

  return (
    <Page
      title="Jobs"
      description={view && !view.empty ? view.summary : 'Programs that run, ran or will run'}
      actions={
        view &&
        !view.empty && (
          <Button leftSection={<IconPlus size={14} />} onClick={making.open}>
            New job
          </Button>
        )
      }
    >
      <Modal opened={makingOpen} onClose={making.close} title="New job" size="lg">
        <p className={classes.making}>
          Programs are written where their author likes to write. Three commands make a job:
        </p>
        <Commands commands={firstJob} />
      </Modal>
      {jobs.error && <Problem error={jobs.error} onRetry={() => void jobs.refetch()} />}
      {view?.empty ? (
        <FirstJob />
      ) : (
        (view || jobs.isPending) && (
          <Panel padded={false}>
            <Filter view={view} search={search} onChange={change} />
            {view ? (
              <JobsTable view={view} sort={search.sort ?? 'name'} onSort={(sort) => change({ sort })} />
            ) : (
              <LoadingRows />
            )}
            {view?.limit && <p className={classes.limit}>{view.limit}</p>}
          </Panel>
        )
      )}
    </Page>
  )
}

function FirstJob() {
  return (
    <Panel>
      <Empty icon={<IconActivity size={20} />} title="No job yet">
        <p>
          A job is a TypeScript program that reads records, works on them and writes results. Three commands make one:
        </p>
        <Commands commands={firstJob} />
      </Empty>
    </Panel>
  )
}

interface FilterProps {
  readonly view: JobsView | undefined
  readonly search: JobsSearch
  readonly onChange: (part: Partial<JobsSearch>) => void
}

function Filter({ view, search, onChange }: FilterProps) {
  const option = (value: JobGroup | 'all', label: string) => ({
    value,
    label: (
      <span>
        {label} <span className={classes.count}>{view?.counts[value] ?? ''}</span>
      </span>
    ),
  })
  return (
    <div className={classes.filter}>
      <SearchField
        label="Filter by name"
        value={search.q ?? ''}
        onChange={(q) => onChange({ q: q === '' ? undefined : q })}
      />
      <SegmentedControl
        size="xs"
        aria-label="Which jobs"
        value={search.show ?? 'all'}
        onChange={(value) => onChange({ show: value === 'all' ? undefined : (value as JobGroup) })}
        data={[
          option('all', 'All'),
          option('active', 'Active'),
          option('attention', 'Attention'),
          option('paused', 'Paused'),
          option('ended', 'Ended'),
        ]}
      />
    </div>
  )
}

interface JobsTableProps {
  readonly view: JobsView
  readonly sort: JobOrder
  readonly onSort: (sort: JobOrder) => void
}

function JobsTable({ view, sort, onSort }: JobsTableProps) {
  if (view.rows.length === 0)
    return (
      <Empty icon={<IconFilterOff size={20} />} title="No job matches">
        <p>Another name or another group may.</p>
      </Empty>
    )
  const heading = (order: JobOrder, label: string) => (
    <button
      type="button"
      className={`mantine-focus-auto ${table.sort} ${classes.heading}`}
      data-active={sort === order || undefined}
      onClick={() => onSort(order)}
    >
      {label}
      {sort === order && <IconArrowDown size={12} aria-label="ordered by this" />}
    </button>
  )
  return (
    <div className={table.scroll}>
      <table className={`${table.table} ${table.clickable} ${classes.table}`}>
        <thead>
          <tr>
            <th>{heading('name', 'Job')}</th>
            <th>State</th>
            <th className={table.number}>{heading('rate', 'Read')}</th>
            <th className={classes.wide} aria-label="Course of the last minutes" />
            <th className={`${table.number} ${classes.wide}`}>Written</th>
            <th className={classes.wide}>Version</th>
            <th className={classes.wide}>Slots</th>
            <th className={`${table.number} ${table.wide}`}>{heading('since', 'Since')}</th>
          </tr>
        </thead>
        <tbody>
          {view.rows.map((row) => (
            <Row key={row.name} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ row }: { readonly row: JobRow }) {
  return (
    <tr>
      <td className={classes.name}>
        <Link to="/jobs/$name" params={{ name: row.name }} className={table.cover}>
          {row.name}
        </Link>
        {row.error && (
          <span className={classes.error} title={row.error.message}>
            <code>{row.error.code}</code> {row.error.message}
          </span>
        )}
      </td>
      <td>
        <StateBadge state={row.state} />
      </td>
      <td className={table.number} title={row.rateTitle}>
        {row.rateIn}
      </td>
      <td className={classes.wide}>
        <Sparkline values={row.course} />
      </td>
      <td className={`${table.number} ${table.quiet} ${classes.wide}`} title={row.rateTitle}>
        {row.rateOut}
      </td>
      <td className={`${table.quiet} ${classes.wide}`}>{row.version}</td>
      <td className={`${table.quiet} ${classes.wide}`}>{row.parallelism}</td>
      <td className={`${table.number} ${table.quiet} ${table.wide}`} title={row.sinceTitle}>
        {row.since}
      </td>
    </tr>
  )
}
