import { Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { lazy, Suspense } from 'react'
import type { GraphCanvasProps } from './graph-canvas.tsx'
import classes from './lazy-graph.module.css'

const GraphCanvas = lazy(() => import('./graph-canvas.tsx'))

/** A graph in the room that it needs; on a phone from above to below. */
export function LazyGraph(props: Omit<GraphCanvasProps, 'direction'>) {
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false })
  const lanes = lanesOf(props.graph)
  const height = narrow ? 460 : Math.min(620, Math.max(170, 44 + lanes * 96))
  return (
    <div className={classes.frame} style={{ height }}>
      <Suspense fallback={<Skeleton height="100%" radius={0} />}>
        <GraphCanvas {...props} direction={narrow ? 'TB' : 'LR'} />
      </Suspense>
    </div>
  )
}

/** How many operators stand beside one another at most, by the longest way from a source. */
function lanesOf(graph: GraphCanvasProps['graph']): number {
  const depths = new Map<string, number>()
  const lanes = new Map<number, number>()
  // Operators are in the order that records take, so what an edge comes from is known before what it leads to.
  for (const { id } of graph.operators) {
    const depth = Math.max(
      0,
      ...graph.edges.filter(({ to }) => to === id).map(({ from }) => (depths.get(from) ?? 0) + 1),
    )
    depths.set(id, depth)
    lanes.set(depth, (lanes.get(depth) ?? 0) + 1)
  }
  return Math.max(1, ...lanes.values())
}
