import { Graph as DagreGraph, layout } from '@dagrejs/dagre'
import type { Graph } from './presenter.ts'

export const operatorSize = { width: 196, height: 68 } as const

export type Direction = 'LR' | 'TB'

export interface Place {
  readonly x: number
  readonly y: number
}

/** Where each operator stands, by its upper left corner: sources first, along the direction that records take. */
export function layoutGraph(graph: Graph, direction: Direction): ReadonlyMap<string, Place> {
  const dagre = new DagreGraph()
  dagre.setGraph({ rankdir: direction, nodesep: direction === 'LR' ? 26 : 36, ranksep: direction === 'LR' ? 46 : 44 })
  dagre.setDefaultEdgeLabel(() => ({}))
  for (const { id } of graph.operators) dagre.setNode(id, { ...operatorSize })
  for (const { from, to } of graph.edges) dagre.setEdge(from, to)
  layout(dagre)
  return new Map(
    graph.operators.map(({ id }) => {
      const { x = 0, y = 0 } = dagre.node(id)
      return [id, { x: x - operatorSize.width / 2, y: y - operatorSize.height / 2 }]
    }),
  )
}
