import type { Job } from '@lightflus/contracts'
import { SegmentedControl } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Graph } from '../../components/graph/presenter.ts'
import { Panel } from '../../components/panel.tsx'
import { presentResults, rowsKept } from '../results/presenter.ts'
import { ResultsTable } from '../results/results-table.tsx'
import { useRows } from '../results/use-rows.ts'
import classes from './newest-results.module.css'

interface NewestResultsProps {
  readonly job: Job
  readonly graph: Graph
  readonly now: number
}

/** Rows that are shown beside the chart. */
const shownMax = 6

/** A look at what the job's table sinks have written last; nothing for a job that has none. */
export function NewestResults({ job, graph, now }: NewestResultsProps) {
  const { rows } = useRows(job.name)
  const [sink, setSink] = useState<string>()
  const view = presentResults({ rows, kept: rowsKept(graph), search: { sink }, now })
  if (!graph.operators.some(({ connector }) => connector === 'table')) return null
  return (
    <Panel
      title="Newest results"
      padded={false}
      actions={
        view.sinks.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Sink"
            value={view.sink ?? ''}
            onChange={setSink}
            data={view.sinks.map(({ name }) => name)}
          />
        )
      }
    >
      {view.sink === null ? (
        <p className={classes.none}>No row yet.</p>
      ) : (
        <>
          <ResultsTable view={{ ...view, lines: view.lines.slice(0, shownMax) }} />
          <Link
            to="/jobs/$name/results"
            params={{ name: job.name }}
            search={{ sink: view.sink }}
            className={classes.all}
          >
            All {view.note}
          </Link>
        </>
      )}
    </Panel>
  )
}
