import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import { formatRate } from '../../format/numbers.ts'
import { formatClock } from '../../format/times.ts'
import classes from './series-chart.module.css'

export interface ChartSeries {
  readonly label: string
  /** A custom property of the theme. */
  readonly color: `--lf-${string}`
  readonly values: readonly (number | null)[]
}

export interface SeriesChartProps {
  /** Milliseconds since the epoch, rising. */
  readonly at: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly height: number
  /** The span that the time axis shows at most: it begins with a minute and grows with what there is. */
  readonly spanMs: number
}

const spanFirstMs = 60_000

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** Lines over time that move with their data; loaded only by pages that show one. */
export default function SeriesChart({ at, series, height, spanMs }: SeriesChartProps) {
  const { ref: frame, width } = useElementSize()
  const target = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme()
  const plot = useRef<UPlot>(undefined)
  const names = series.map(({ label, color }) => `${label}${color}`).join()

  useEffect(() => {
    if (width === 0 || !target.current) return
    const made = new UPlot(optionsOf({ series, width, height }), [[], ...series.map(() => [])], target.current)
    plot.current = made
    return () => {
      made.destroy()
      plot.current = undefined
    }
    // The plot is made anew for another size, scheme or set of lines; data alone goes in by the effect below.
  }, [width, height, scheme, names])

  useEffect(() => {
    const shown = plot.current
    const newest = at.at(-1)
    if (!shown || newest === undefined) return
    shown.batch(() => {
      shown.setData([at.map((time) => time / 1_000), ...series.map(({ values }) => [...values])], true)
      const covered = Math.max(spanFirstMs, newest - at[0])
      shown.setScale('x', { min: (newest - Math.min(spanMs, covered)) / 1_000, max: newest / 1_000 })
    })
  })

  return (
    <div ref={frame} className={classes.chart} style={{ height }} aria-hidden="true">
      <div ref={target} />
    </div>
  )
}

interface Look {
  readonly series: readonly ChartSeries[]
  readonly width: number
  readonly height: number
}

function optionsOf({ series, width, height }: Look): UPlot.Options {
  const axis = {
    stroke: token('--lf-ink-3'),
    font: '11px "Geist Variable", system-ui, sans-serif',
    ticks: { show: false },
    grid: { stroke: token('--lf-line'), width: 1 },
  }
  return {
    width,
    height,
    padding: [10, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { setScale: false, x: false, y: false } },
    plugins: [tooltip(series)],
    scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.12)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 90,
        size: 26,
        values: (_plot, ticks) => ticks.map((tick) => formatClock(tick * 1_000).slice(0, 8)),
      },
      { ...axis, size: 58, space: 36, values: (_plot, ticks) => ticks.map(formatRate) },
    ],
    series: [
      {},
      ...series.map(({ label, color }) => ({
        label,
        stroke: token(color),
        width: 1.5,
        fill: `color-mix(in srgb, ${token(color)} 9%, transparent)`,
        points: { show: false },
      })),
    ],
  }
}

/** Says the values under the cursor, beside it. */
function tooltip(series: readonly ChartSeries[]): UPlot.Plugin {
  const box = document.createElement('div')
  box.className = classes.tooltip
  const row = (text: string, color?: string): HTMLElement => {
    const line = document.createElement('div')
    if (color) line.style.setProperty('--series', `var(${color})`)
    line.textContent = text
    return line
  }
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const { idx, left = -1 } = plot.cursor
        box.hidden = idx === null || idx === undefined || left < 0
        if (box.hidden || idx === null || idx === undefined) return
        const lines = series.map(({ label, color }, index) =>
          row(`${label} ${formatRate(plot.data[index + 1][idx])}`, color),
        )
        box.replaceChildren(row(formatClock(plot.data[0][idx] * 1_000).slice(0, 8)), ...lines)
        const right = left > plot.over.clientWidth / 2
        box.style.transform = `translateX(${right ? left - box.offsetWidth - 12 : left + 12}px)`
      },
    },
  }
}
