/** The course of a number in a few pixels; decoration beside the number itself. */
export function Sparkline({
  values,
  width = 72,
  height = 20,
}: {
  readonly values: readonly number[]
  readonly width?: number
  readonly height?: number
}) {
  if (values.length < 2) return <svg width={width} height={height} aria-hidden="true" />
  const max = Math.max(...values, 1e-9)
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * (width - 2) + 1
    return `${x.toFixed(1)},${(height - 2 - (value / max) * (height - 5)).toFixed(1)}`
  })
  return (
    <svg width={width} height={height} aria-hidden="true">
      <polygon
        points={`1,${height} ${points.join(' ')} ${width - 1},${height}`}
        fill="var(--lf-series-in)"
        opacity="0.12"
      />
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--lf-series-in)"
        strokeWidth="1.3"
        strokeLinejoin="round"
      />
    </svg>
  )
}
