import { LightflusError } from '@lightflus/api'

/** What a worker is told by whoever placed it, all by environment. */
export interface WorkerConfig {
  /** Without a slash at its end. */
  readonly controlPlaneUrl: string
  readonly workerId: string
  /** Shown to the control plane at every call; never logged. */
  readonly token: string
  /** The worker's own writable folder: bundles, and reports that could not be sent. */
  readonly folder: string
  /** Without an answer of the control plane for this long, the worker takes savepoints and ends. Milliseconds. */
  readonly aloneMsMax: number
  /** How long savepoints may take once the worker is told to end. Milliseconds; below the provisioner's own patience. */
  readonly graceMs: number
  /** Node options of the threads that run programs, as far as whoever placed the worker restricts them. */
  readonly slotNodeOptions: readonly string[] | undefined
}

const aloneMsDefault = 600_000
const graceMsDefault = 8_000

/** @throws LF_WORKER_CONFIG naming every variable that is missing or wrong. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): WorkerConfig {
  const problems: string[] = []
  const text = (name: string): string => {
    const value = environment[name]
    if (!value) problems.push(`${name} is missing`)
    return value ?? ''
  }
  const milliseconds = (name: string, fallback: number): number => {
    const value = environment[name]
    if (value === undefined || value === '') return fallback
    if (!/^\d+$/.test(value)) problems.push(`${name} must be a whole number of milliseconds`)
    return Number(value)
  }
  const texts = (name: string): readonly string[] | undefined => {
    const value = environment[name]
    if (value === undefined || value === '') return undefined
    const list = parseJson(value)
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
    problems.push(`${name} must be a JSON array of texts`)
    return undefined
  }
  const config: WorkerConfig = {
    controlPlaneUrl: text('LIGHTFLUS_CONTROL_PLANE_URL').replace(/\/+$/, ''),
    workerId: text('LIGHTFLUS_WORKER_ID'),
    token: text('LIGHTFLUS_WORKER_TOKEN'),
    folder: text('LIGHTFLUS_WORKER_DIR'),
    aloneMsMax: milliseconds('LIGHTFLUS_WORKER_ALONE_MS', aloneMsDefault),
    graceMs: milliseconds('LIGHTFLUS_WORKER_GRACE_MS', graceMsDefault),
    slotNodeOptions: texts('LIGHTFLUS_SLOT_NODE_OPTIONS'),
  }
  if (problems.length > 0)
    throw new LightflusError('LF_WORKER_CONFIG', `The worker cannot start: ${problems.join('; ')}.`)
  return config
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
