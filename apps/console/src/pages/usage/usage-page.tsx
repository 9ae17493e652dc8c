import { SegmentedControl, Select, Skeleton } from '@mantine/core'
import { IconChartBar } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Empty } from '../../components/empty.tsx'
import { Figures } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import table from '../../components/table.module.css'
import { useNow } from '../../components/use-now.ts'
import { useServices } from '../../services.tsx'
import { BarChart } from './bar-chart.tsx'
import {
  formatMeasure,
  measureLabels,
  presentUsage,
  spanStart,
  usageMeasures,
  usageSpans,
  type UsageMeasure,
  type UsageSearch,
  type UsageSpan,
  type UsageView,
} from './presenter.ts'
import classes from './usage-page.module.css'

const route = getRouteApi('/signed-in/usage')
const spanLabels: Readonly<Record<UsageSpan, string>> = { '24h': '24 hours', '7d': '7 days', '30d': '30 days' }

export function UsagePage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { queries } = useServices()
  const now = useNow(60_000)
  const span = search.span ?? '24h'
  const measure = search.measure ?? 'slotSeconds'
  const usage = useQuery({
    ...queries.usage(spanStart(span, now), undefined, search.job),
    placeholderData: keepPreviousData,
  })
  const jobs = useQuery({ ...queries.jobs(), refetchInterval: false })
  const change = (part: Partial<UsageSearch>): void => {
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  }
  const view = usage.data && presentUsage(usage.data, search, now)

  return (
    <Page
      title="Usage"
      description="What jobs used, metered by the hour (UTC)"
      actions={
        <>
          <Select
            size="xs"
            w={190}
            aria-label="Job"
            placeholder="All jobs"
            clearable
            searchable
            value={search.job ?? null}
            onChange={(job) => change({ job: job ?? undefined })}
            data={(jobs.data?.jobs ?? []).map(({ name }) => name)}
          />
          <SegmentedControl
            size="xs"
            aria-label="Span"
            value={span}
            onChange={(value) => change({ span: value as UsageSpan })}
            data={usageSpans.map((value) => ({ value, label: spanLabels[value] }))}
          />
        </>
      }
    >
      {usage.error && <Problem error={usage.error} onRetry={() => void usage.refetch()} />}
      {usage.isPending && (
        <>
          <Skeleton height={74} />
          <Skeleton height={280} />
        </>
      )}
      {view?.empty && (
        <Panel>
          <Empty icon={<IconChartBar size={20} />} title="Nothing was used in this time">
            <p>Slot time, records and bytes are metered from the first second of a job’s first deployment.</p>
          </Empty>
        </Panel>
      )}
      {view && !view.empty && (
        <>
          <Figures
            figures={view.totals.map(({ label, value, title }) => ({ label, value, title, note: spanLabels[span] }))}
          />
          <Panel
            title={measureLabels[measure]}
            note="by job"
            actions={
              <Select
                size="xs"
                w={150}
                aria-label="Measure"
                allowDeselect={false}
                value={measure}
                onChange={(value) => change({ measure: (value ?? undefined) as UsageMeasure | undefined })}
                data={usageMeasures.map((value) => ({ value, label: measureLabels[value] }))}
              />
            }
          >
            <Legend legend={view.legend} />
            <BarChart bars={view.bars} max={view.max} maxText={formatMeasure(measure, view.max)} />
          </Panel>
          <UsageTable view={view} />
        </>
      )}
    </Page>
  )
}

function Legend({ legend }: { readonly legend: UsageView['legend'] }) {
  return (
    <ul className={classes.legend}>
      {legend.map(({ job, value }, index) => (
        <li key={job}>
          <span className={classes.mark} style={{ background: `var(--lf-category-${index})` }} />
          {job} <strong>{value}</strong>
        </li>
      ))}
    </ul>
  )
}

function UsageTable({ view }: { readonly view: UsageView }) {
  return (
    <Panel
      title="By job and hour"
      note={
        view.rowsLeftOut > 0 ? `the newest ${view.rows.length} of ${view.rows.length + view.rowsLeftOut}` : undefined
      }
      padded={false}
    >
      <div className={table.scroll}>
        <table className={`${table.table} ${classes.table}`}>
          <thead>
            <tr>
              <th>Hour</th>
              <th>Job</th>
              {usageMeasures.map((measure) => (
                <th key={measure} className={table.number}>
                  {measureLabels[measure]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.rows.map((row) => (
              <tr key={`${row.hour} ${row.job}`}>
                <td className={`${table.quiet} ${table.nowrap}`}>{row.hour}</td>
                <td className={table.nowrap}>
                  <Link to="/jobs/$name" params={{ name: row.job }} className={classes.job}>
                    {row.job}
                  </Link>
                </td>
                {row.cells.map((cell, index) => (
                  <td key={usageMeasures[index]} className={table.number} title={cell.title}>
                    {cell.text}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}
