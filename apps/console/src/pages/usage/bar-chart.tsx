import { Tooltip } from '@mantine/core'
import classes from './bar-chart.module.css'
import type { UsageBar } from './presenter.ts'

interface BarChartProps {
  readonly bars: readonly UsageBar[]
  readonly max: number
  readonly maxText: string
}

/** Stacked bars over time, plain elements of the page: each can be pointed at and is read aloud. */
export function BarChart({ bars, max, maxText }: BarChartProps) {
  const labelEvery = Math.ceil(bars.length / 8)
  return (
    <div className={classes.chart}>
      <span className={classes.max}>{maxText}</span>
      <ol className={classes.bars}>
        {bars.map((bar) => (
          <Tooltip key={bar.label} label={bar.text} openDelay={0}>
            <li className={classes.slot} aria-label={bar.text}>
              <div className={classes.bar} style={{ height: `${max === 0 ? 0 : (bar.total / max) * 100}%` }}>
                {bar.parts.map(({ index, value }) => (
                  <div key={index} style={{ flexGrow: value, background: `var(--lf-category-${index})` }} />
                ))}
              </div>
            </li>
          </Tooltip>
        ))}
      </ol>
      <ol className={classes.labels} aria-hidden="true">
        {bars.map((bar, index) => (
          <li key={bar.label}>{index % labelEvery === 0 ? bar.label : ''}</li>
        ))}
      </ol>
    </div>
  )
}
