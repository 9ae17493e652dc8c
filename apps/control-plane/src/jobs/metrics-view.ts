import { type JobMetrics, type OperatorFigures, operatorFiguresSchema } from '@lightflus/contracts'
import { z } from 'zod'
import type { Deployment, DeploymentMetrics } from '../generated/client.ts'

/** What an older control plane stored lacks figures that are new: they count as their defaults. */
const storedSchema = z.array(operatorFiguresSchema.omit({ watermarkLagMs: true }))

/** Figures of operators as the API shows them. */
export function showOperators(row: Pick<DeploymentMetrics, 'at' | 'operators'>): OperatorFigures[] {
  const at = row.at.getTime()
  return storedSchema.parse(row.operators).map((operator) => ({
    ...operator,
    watermarkLagMs: operator.watermark === null ? null : Math.max(0, at - operator.watermark),
  }))
}

/** The newest figures of a deployment; of a job that is not running nothing lags. */
export function showMetrics(
  deployment: (Pick<Deployment, 'state' | 'attempt'> & { readonly metrics: DeploymentMetrics | null }) | null,
): JobMetrics {
  if (!deployment?.metrics)
    return { at: null, attempt: deployment?.attempt ?? 0, lagRecords: null, watermarkLagMs: null, operators: [] }
  const { metrics, state } = deployment
  const operators = showOperators(metrics)
  const present = state === 'RUNNING' && metrics.attempt === deployment.attempt ? operators : []
  const lags = present.flatMap(({ lag }) => lag ?? [])
  const watermarkLags = present.flatMap(({ watermarkLagMs }) => watermarkLagMs ?? [])
  return {
    at: metrics.at.getTime(),
    attempt: metrics.attempt,
    lagRecords: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0),
    watermarkLagMs: watermarkLags.length === 0 ? null : Math.max(...watermarkLags),
    operators,
  }
}
