import '@xyflow/react/dist/base.css'
import {
  Controls,
  Handle,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useNodesInitialized,
  useReactFlow,
  type Edge,
  type Node,
  type NodeProps,
} from '@xyflow/react'
import { useEffect, useMemo } from 'react'
import classes from './graph-canvas.module.css'
import { layoutGraph, operatorSize, type Direction } from './layout.ts'
import { OperatorIcon } from './operator-icon.tsx'
import { presentGraph, type Graph, type OperatorView } from './presenter.ts'
import type { MetricsSample } from '../../live/live-state.ts'

export interface GraphCanvasProps {
  readonly graph: Graph
  readonly sample?: MetricsSample
  readonly direction: Direction
  readonly selected?: string
  readonly onSelect?: (operator: string | undefined) => void
}

type OperatorNode = Node<{ readonly operator: OperatorView; readonly direction: Direction }, 'operator'>

/** A graph too large to be read whole is shown in part; the person moves it. */
const fitting = { padding: 0.06, minZoom: 0.5, maxZoom: 1 } as const

const nodeTypes = { operator: OperatorCard }

/** The operators and edges of a job, laid out; loaded only by pages that show one. */
export default function GraphCanvas(props: GraphCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

function Canvas({ graph, sample, direction, selected, onSelect }: GraphCanvasProps) {
  const places = useMemo(() => layoutGraph(graph, direction), [graph, direction])
  const view = useMemo(() => presentGraph(graph, sample), [graph, sample])
  const nodes = useMemo<OperatorNode[]>(
    () =>
      view.operators.map((operator) => ({
        id: operator.id,
        type: 'operator',
        position: places.get(operator.id) ?? { x: 0, y: 0 },
        data: { operator, direction },
        selected: operator.id === selected,
        draggable: false,
        connectable: false,
        ...operatorSize,
        ariaLabel: `${operator.kind} ${operator.id}, ${operator.rate || 'no measurement'}`,
      })),
    [view, places, direction, selected],
  )
  const edges = useMemo<Edge[]>(
    () =>
      view.edges.map(({ id, from, to, label, active, width }) => ({
        id,
        source: from,
        target: to,
        type: 'smoothstep',
        className: active ? classes.active : undefined,
        style: { strokeWidth: width },
        focusable: false,
        ...(label ? { label, labelShowBg: true } : {}),
      })),
    [view],
  )
  return (
    <ReactFlow
      className={classes.canvas}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      fitView
      fitViewOptions={fitting}
      minZoom={0.15}
      maxZoom={1.5}
      nodesConnectable={false}
      elementsSelectable={onSelect !== undefined}
      preventScrolling={false}
      zoomOnScroll={false}
      panOnScroll={false}
      proOptions={{ hideAttribution: true }}
      onNodeClick={(_event, node) => onSelect?.(node.id === selected ? undefined : node.id)}
      onPaneClick={() => onSelect?.(undefined)}
    >
      <Refit key={`${graph.operators.length} ${direction}`} />
      <Controls
        showInteractive={false}
        orientation="horizontal"
        position={direction === 'LR' ? 'bottom-left' : 'top-left'}
        className={classes.controls}
      />
    </ReactFlow>
  )
}

/** Fits the graph once its operators are measured, and again when the canvas gets another size. */
function Refit() {
  const initialized = useNodesInitialized()
  const { fitView } = useReactFlow()
  useEffect(() => {
    const fit = (): void => void fitView(fitting)
    if (initialized) fit()
    addEventListener('resize', fit)
    return () => removeEventListener('resize', fit)
  }, [initialized, fitView])
  return null
}

function OperatorCard({ data: { operator, direction }, selected }: NodeProps<OperatorNode>) {
  const { id, kind, subtitle, rate, rateTitle, watermarkLag, notes } = operator
  return (
    <div className={classes.card} data-selected={selected || undefined} title={rateTitle}>
      <Handle type="target" position={direction === 'LR' ? Position.Left : Position.Top} className={classes.handle} />
      <div className={classes.head}>
        <OperatorIcon kind={kind} />
        <span className={classes.id}>{id}</span>
        <span className={classes.rate}>{rate}</span>
      </div>
      <div className={classes.subtitle}>{subtitle}</div>
      <div className={classes.foot}>
        {watermarkLag && <span>lag {watermarkLag}</span>}
        {notes.map((note) => (
          <span key={note} className={classes.note}>
            {note}
          </span>
        ))}
      </div>
      <Handle
        type="source"
        position={direction === 'LR' ? Position.Right : Position.Bottom}
        className={classes.handle}
      />
    </div>
  )
}
