import { z } from 'zod'
import { desiredStates } from './deployment-lifecycle.ts'

/**
 * What a worker and the control plane say to each other. A worker calls `POST /worker/v1/sync` with its token at start,
 * then every {@link syncIntervalMs}, and at once when a deployment changes state. The answer lists all that it should
 * host; what is not listed is to be cancelled. Both sides may repeat any message: a report replaces the one before of
 * the same (deployment, attempt), counters are cumulative per attempt.
 */
export const syncIntervalMs = 1_000
export const workerProtocolVersion = 1

export const serializedErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.any()),
  nextStep: z.string(),
  cause: z.object({ name: z.string(), message: z.string(), stack: z.string().optional() }).optional(),
})

/** What the worker has seen of one attempt. */
export const attemptStates = [
  'STARTING',
  'RUNNING',
  'RESTARTING',
  'SUSPENDED',
  'STOPPED',
  'DRAINED',
  'CANCELLED',
  'FINISHED',
  'FAILED',
] as const

export const operatorMetricsSchema = z.object({
  operator: z.string(),
  recordsIn: z.number(),
  recordsOut: z.number(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  recordsSkipped: z.number(),
  recordsLate: z.number(),
  /** Too far beyond the worker's clock to move the watermark. Workers that a newer control plane adopts do not tell it. */
  recordsAhead: z.number().default(0),
  /** Of sources that decode only what is used: records that had to be decoded whole. */
  recordsPlain: z.number().default(0),
  /** Of operators that tell it: rows of keyed state, of windows one for each key and window, and about what they weigh. */
  stateEntries: z.number().default(0),
  stateBytes: z.number().default(0),
  /** Event time, milliseconds; null before the first watermark. */
  watermark: z.number().nullable(),
  /** Records behind the end of the source; null where unknown or no source. */
  lag: z.number().nullable(),
})
export type OperatorMetrics = z.infer<typeof operatorMetricsSchema>

export const logLineSchema = z.object({
  /** Rises by one per line in an attempt, so a repeated report stores nothing twice. */
  sequence: z.number().int(),
  at: z.number(),
  level: z.enum(['info', 'warn', 'error']),
  operator: z.string().nullable(),
  message: z.string().max(8_192),
})

/** A row of a table sink: the newest rows of each, for console and CLI. */
export const resultRowSchema = z.object({
  sequence: z.number().int(),
  at: z.number(),
  sink: z.string(),
  /** The row's identity where the sink upserts; null: appended. */
  key: z.string().nullable(),
  /** Null: the row of this key is gone. */
  row: z.record(z.string(), z.any()).nullable(),
})

export const checkpointReportSchema = z.object({
  checkpoint: z.number().int(),
  attempt: z.number().int(),
  kind: z.enum(['checkpoint', 'savepoint']),
  completedAt: z.number(),
  durationMs: z.number(),
  bytes: z.number(),
  /** Path of the manifest in the deployment's checkpoint storage. */
  location: z.string(),
  /** From a subtask's first barrier to its last, the longest of all subtasks; null: the worker is too old to tell. */
  alignmentMs: z.number().nullable().default(null),
  /** The longest that a subtask stood still while its snapshot was taken; null likewise. */
  pauseMs: z.number().nullable().default(null),
  /**
   * How long sinks took to commit its output once it existed; null before they have, and where there is none. A worker
   * reports a checkpoint again once it knows.
   */
  commitMs: z.number().nullable().default(null),
})

const checkpointCount = z.number().int().min(0).max(1_000_000_000)

/** Checkpoints of one attempt since it began. */
export const checkpointCountsSchema = z.object({
  completed: checkpointCount,
  /** Given up after they had begun, while the attempt went on. */
  failed: checkpointCount,
  lastFailure: z.object({ checkpoint: z.number().int(), at: z.number(), reason: z.string() }).nullable(),
})
export type CheckpointCounts = z.infer<typeof checkpointCountsSchema>

export const deploymentReportSchema = z.object({
  deploymentId: z.string(),
  /** The generation of the spec that this report has acted on. */
  generation: z.number().int(),
  attempt: z.number().int(),
  state: z.enum(attemptStates),
  error: serializedErrorSchema.nullable(),
  metrics: z.array(operatorMetricsSchema),
  /** Cumulative in this attempt. */
  usage: z.object({
    slotSeconds: z.number(),
    recordsIn: z.number(),
    recordsOut: z.number(),
    bytesIn: z.number(),
    bytesOut: z.number(),
  }),
  logs: z.array(logLineSchema).max(500),
  rows: z.array(resultRowSchema).max(500),
  checkpoints: z.array(checkpointReportSchema).max(100),
  checkpointCounts: checkpointCountsSchema.default({ completed: 0, failed: 0, lastFailure: null }),
  /** The newest savepoint on demand that has been taken: see `savepoint` of the assignment. */
  savepointTaken: z.number().int().default(0),
})
export type DeploymentReport = z.infer<typeof deploymentReportSchema>

/**
 * What a worker other than the first says of a deployment of several: only whether it takes part. All that becomes of
 * the deployment is in the reports of worker 0, which hosts the coordinator.
 */
export const partReportSchema = z.object({
  deploymentId: z.string(),
  /** Why it does not take part; null: it does, or is about to. */
  error: serializedErrorSchema.nullable(),
})
export type PartReport = z.infer<typeof partReportSchema>

export const syncRequestSchema = z.object({
  protocolVersion: z.literal(workerProtocolVersion),
  workerId: z.string(),
  pid: z.number().int(),
  startedAt: z.number(),
  residentBytes: z.number(),
  reports: z.array(deploymentReportSchema).max(1_000),
  parts: z.array(partReportSchema).max(1_000).default([]),
})
export type SyncRequest = z.infer<typeof syncRequestSchema>

const resolvedConnectionSchema = z.object({
  name: z.string(),
  kind: z.string(),
  options: z.record(z.string(), z.any()),
})

export const assignmentSchema = z.object({
  deploymentId: z.string(),
  jobId: z.string(),
  jobName: z.string(),
  version: z.number().int(),
  /** Rises with every change of the spec. */
  generation: z.number().int(),
  desired: z.enum(desiredStates),
  parallelism: z.number().int().min(1),
  /** `GET` with the worker's token. */
  bundlePath: z.string(),
  bundleSha256: z.string(),
  graphHash: z.string(),
  /** Where this job's log and checkpoints live: a folder, or s3://bucket/prefix with its parameters, no credentials. */
  checkpointLocation: z.string(),
  checkpointIntervalMs: z.number(),
  /** False: a fresh start that ignores older checkpoints of the job. */
  restore: z.boolean(),
  /** The checkpoint to start from instead of the newest, with all newer ones ignored; null: none is chosen. */
  from: z.number().int().nullable().default(null),
  /** Whether sinks may write again what they may have committed since `from`, exactly once. */
  acceptRepeats: z.boolean().default(false),
  /** Operators whose state is dropped where the version does not have them; `all` among them: of every such operator. */
  dropState: z.array(z.string()).default([]),
  slotHeapBytesMax: z.number(),
  /** Number of the savepoint that is to be taken while the job goes on, unless it was; 0: none. Rises. */
  savepoint: z.number().int().default(0),
  connections: z.array(resolvedConnectionSchema),
  /** Which of several workers this one is; null: there is no other. Worker 0 hosts the coordinator and reports. */
  placement: z
    .object({
      worker: z.number().int().min(0),
      workers: z.number().int().min(2),
      /** The Kafka through which they exchange records. */
      exchange: resolvedConnectionSchema,
      /** Start of the names of their topics there. */
      topicPrefix: z.string(),
    })
    .nullable()
    .default(null),
})
export type Assignment = z.infer<typeof assignmentSchema>

export const syncResponseSchema = z.object({
  assignments: z.array(assignmentSchema),
  /** Highest log sequence stored, per deployment: the worker forgets up to it. */
  acknowledged: z.array(
    z.object({ deploymentId: z.string(), attempt: z.number().int(), logs: z.number().int(), rows: z.number().int() }),
  ),
})
export type SyncResponse = z.infer<typeof syncResponseSchema>
