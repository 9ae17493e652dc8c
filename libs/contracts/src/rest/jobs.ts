import { exchanges, graphFormatVersion } from '@lightflus/api'
import { z } from 'zod'
import { deploymentStates, desiredStates } from '../deployment-lifecycle.ts'
import {
  checkpointCountsSchema,
  checkpointReportSchema,
  logLineSchema,
  operatorMetricsSchema,
  resultRowSchema,
  serializedErrorSchema,
} from '../worker-protocol.ts'
import { identifier, instant, resourceName } from './common.ts'

/** A program as its author wrote it. One file for now; it may import `lightflus` and `zod`. */
export const programSchema = z.object({
  fileName: z
    .string()
    .regex(/^[\w.-]+\.tsx?$/)
    .max(200)
    .default('program.ts'),
  text: z.string().min(1).max(1_048_576),
})

/** Versions count from 1. */
export const versionNumber = z.number().int().min(1).max(2_147_483_647)

export const diagnosticSchema = z.object({
  severity: z.enum(['error', 'warning']),
  /** A code of the catalogue. */
  code: z.string(),
  message: z.string(),
  file: z.string(),
  /** Both count from 1; null where the problem has no place. */
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
})
export type Diagnostic = z.infer<typeof diagnosticSchema>

/** The graph of a job as docs/reference/graph.md describes it. Kinds are open: a newer platform may know more. */
export const graphSchema = z.object({
  formatVersion: z.literal(graphFormatVersion),
  job: z.string(),
  operators: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      named: z.boolean(),
      /** Names under which former versions kept its state; absent: none. */
      formerly: z.array(z.string()).optional(),
      connector: z.string().optional(),
      connection: z.string().optional(),
      options: z.record(z.string(), z.any()),
    }),
  ),
  edges: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      exchange: z.enum(exchanges),
      /** Name of the side output of `from` that is taken; absent: what it emits. */
      output: z.string().optional(),
      /** Which input of `to` it is, where it has several; absent: the first. */
      input: z.number().int().min(1).optional(),
    }),
  ),
})

/** The answer of a check: `graph` is null when there are errors. */
export const checkResultSchema = z.object({ diagnostics: z.array(diagnosticSchema), graph: graphSchema.nullable() })
export type CheckResult = z.infer<typeof checkResultSchema>

export const versionSchema = z.object({
  version: z.number().int(),
  createdAt: instant,
  createdBy: z.string(),
  bundleSha256: z.string(),
  graphHash: z.string(),
  graph: graphSchema,
  program: programSchema,
  diagnostics: z.array(diagnosticSchema),
})
export type Version = z.infer<typeof versionSchema>
export const versionSummarySchema = versionSchema.omit({ graph: true, program: true })

/** Slots of a deployment, and the workers (processes, often on several machines) over which they are spread. */
const slots = z.number().int().min(1).max(64)
const workers = z.number().int().min(1).max(32)

export const deploymentSpecSchema = z.object({
  desired: z.enum(desiredStates),
  version: z.number().int(),
  parallelism: slots,
  workers,
  /** The kafka connection through which several workers exchange records; null: the platform's own Kafka. */
  exchange: resourceName.nullable(),
  checkpointIntervalMs: z.number().int().min(100).max(3_600_000),
  /** `shared`: with the tenant's other small jobs in one worker; `dedicated`: a worker of its own. */
  placement: z.enum(['shared', 'dedicated']),
  generation: z.number().int(),
})

/** One of several workers of a deployment. The state of the deployment is what worker 0, its coordinator's, says. */
const placedWorkerSchema = z.object({
  number: z.number().int(),
  /** `placing`: its process is not there yet, or not there any more. `starting`: it has not been heard of since. */
  state: z.enum(['placing', 'starting', 'running']),
  /** When it was heard of last; null: not yet. */
  heardAt: instant.nullable(),
  /** Memory of its process; null: it has not told. */
  residentBytes: z.number().nullable(),
  /** Why it does not take part; null: it does, or has not begun. */
  error: serializedErrorSchema.nullable(),
})

export const deploymentStatusSchema = z.object({
  state: z.enum(deploymentStates),
  sentence: z.string(),
  observedGeneration: z.number().int(),
  attempt: z.number().int(),
  restarts: z.number().int(),
  since: instant,
  error: serializedErrorSchema.nullable(),
  lastCheckpoint: checkpointReportSchema.nullable(),
  /** Over all attempts of this deployment. */
  checkpointCounts: checkpointCountsSchema,
  /** A savepoint was asked for and is not there yet. */
  savepointPending: z.boolean(),
  /** Those that are placed for it alone as one of several, by number; empty where one worker does. */
  workers: z.array(placedWorkerSchema),
})

export const deploymentSchema = z.object({
  id: identifier,
  job: resourceName,
  createdAt: instant,
  spec: deploymentSpecSchema,
  status: deploymentStatusSchema,
})
export type Deployment = z.infer<typeof deploymentSchema>

export const jobSchema = z.object({
  name: resourceName,
  createdAt: instant,
  latestVersion: z.number().int().nullable(),
  /** The newest one; null before the first deploy. */
  deployment: deploymentSchema.nullable(),
  /** Records per second now, over all sources and all sinks; null when not running. */
  rates: z.object({ in: z.number(), out: z.number() }).nullable(),
})
export type Job = z.infer<typeof jobSchema>

/** `PUT /jobs/{name}` and `lightflus apply -f`: what is wanted, whole. Applying the same again changes nothing. */
export const applyJobSchema = z.object({
  program: programSchema,
  deployment: z
    .object({
      parallelism: slots.default(1),
      /** At most one for each slot. More than one needs an exchange: `exchange`, or the platform's own. */
      workers: workers.default(1),
      /** A kafka connection of the tenant; null: the platform's own Kafka. */
      exchange: resourceName.nullable().default(null),
      checkpointIntervalMs: z.number().int().min(100).max(3_600_000).default(1_000),
      placement: z.enum(['shared', 'dedicated']).default('shared'),
    })
    .optional(),
})
export const appliedJobSchema = z.object({
  job: jobSchema,
  versionCreated: z.boolean(),
  diagnostics: z.array(diagnosticSchema),
})

export const deploySchema = z
  .object({
    /** Default: the newest. */
    version: versionNumber.optional(),
    parallelism: slots.optional(),
    /** Default: as many as before, though at most one for each slot. */
    workers: workers.optional(),
    /** As in {@link applyJobSchema}. Default: that of the deployment before. */
    exchange: resourceName.nullable().optional(),
    checkpointIntervalMs: z.number().int().min(100).max(3_600_000).optional(),
    placement: z.enum(['shared', 'dedicated']).optional(),
    /** False: begin afresh although a checkpoint exists. */
    restore: z.boolean().default(true),
    /** Number of the checkpoint or savepoint to start from. Default: the newest. */
    from: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
    /** With `from`: sinks may write again what they may have committed since, exactly once. */
    acceptRepeats: z.boolean().default(false),
    /** Operators whose state is dropped where the version does not have them; `all` among them: of every such operator. */
    dropState: z.array(z.string().min(1).max(200)).max(1_000).default([]),
  })
  .refine(({ restore, from }) => restore || from === undefined, {
    path: ['from'],
    message: 'A start afresh has no checkpoint to start from.',
  })

export const jobEventSchema = z.object({
  id: z.string(),
  at: instant,
  kind: z.string(),
  from: z.enum(deploymentStates).nullable(),
  to: z.enum(deploymentStates).nullable(),
  reason: z.string(),
  actor: z.string(),
})
export type JobEvent = z.infer<typeof jobEventSchema>

export const storedLogLineSchema = logLineSchema.extend({ id: z.string(), attempt: z.number().int() })
export const storedRowSchema = resultRowSchema.extend({ id: z.string(), row: z.record(z.string(), z.any()) })
/** What comes live also tells of rows that are gone. */
const liveRowSchema = resultRowSchema.extend({ id: z.string() })

export const operatorFiguresSchema = operatorMetricsSchema.extend({
  recordsInPerSecond: z.number(),
  recordsOutPerSecond: z.number(),
  /** How far the watermark was behind the clock when it was reported; null before the first watermark. */
  watermarkLagMs: z.number().nullable(),
})
export type OperatorFigures = z.infer<typeof operatorFiguresSchema>

/** The newest figures of a job. Counters begin again with each attempt. */
export const jobMetricsSchema = z.object({
  /** When they were reported; null: nothing has been yet. */
  at: z.number().nullable(),
  attempt: z.number().int(),
  /** Of all sources together; null where none can tell, and while it is not running. */
  lagRecords: z.number().nullable(),
  /** Of the operator whose watermark is furthest behind; null where there is no watermark, and while it is not running. */
  watermarkLagMs: z.number().nullable(),
  operators: z.array(operatorFiguresSchema),
})
export type JobMetrics = z.infer<typeof jobMetricsSchema>

/** What `GET /jobs/{name}/live` sends by SSE: one `snapshot` at once, then the others as they come. */
export const liveEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('metrics'),
    at: z.number(),
    state: z.enum(deploymentStates),
    operators: z.array(operatorFiguresSchema),
  }),
  z.object({ type: z.literal('status'), job: jobSchema }),
  z.object({ type: z.literal('logs'), lines: z.array(storedLogLineSchema) }),
  z.object({ type: z.literal('rows'), rows: z.array(liveRowSchema) }),
  z.object({ type: z.literal('event'), event: jobEventSchema }),
])
export type LiveEvent = z.infer<typeof liveEventSchema>
