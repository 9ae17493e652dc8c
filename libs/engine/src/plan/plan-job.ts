import type { Graph } from '@lightflus/api'
import type { PhysicalPlan } from './plan.ts'
export declare function planJob(graph: Graph, parallelism: number): PhysicalPlan
