import { Skeleton } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { formatRate } from '../../format/numbers.ts'
import classes from './lazy-chart.module.css'
import type { SeriesChartProps } from './series-chart.tsx'

const SeriesChart = lazy(() => import('./series-chart.tsx'))

/** A chart with its legend, which also says the newest values to those who do not see lines. */
export function LazyChart(props: SeriesChartProps) {
  return (
    <figure>
      <figcaption className={classes.legend}>
        {props.series.map(({ label, color, values }) => (
          <span key={label} className={classes.entry}>
            <span className={classes.mark} style={{ background: `var(${color})` }} />
            {label} <strong>{formatRate(values.at(-1))}</strong>
          </span>
        ))}
      </figcaption>
      <Suspense fallback={<Skeleton height={props.height} />}>
        <SeriesChart {...props} />
      </Suspense>
    </figure>
  )
}
