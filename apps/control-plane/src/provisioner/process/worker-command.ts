import { join } from 'node:path'
import { usesObjectStore } from '../checkpoint-folders.ts'
import type { WorkerSpec } from '../provisioner.ts'
import { slotNodeOptions } from '../slot-node-options.ts'

export interface WorkerProgram {
  /** Node's own executable. */
  readonly node: string
  /** The worker's entry, an absolute path. */
  readonly entry: string
  /** Folders that hold the worker's code and what it imports. */
  readonly codeFolders: readonly string[]
  /** Holds a folder for each tenant: all that its files connectors may read and write, and where their paths begin. */
  readonly filesFolder: string
}

export interface WorkerCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/** Heap of a worker's main thread: coordinator, connections to the control plane, buffered reports; megabytes. */
const mainHeapMegabytes = 256

/** Variables that a worker takes over from the control plane: where to find the authorities that TLS trusts. */
const inherited = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR']

/** And, where checkpoints lie in S3, all that the SDK looks for: this machine's users trust each other. */
const isOfAws = (name: string): boolean => name.startsWith('AWS_')

/**
 * How a worker is started. Its main thread is our own code; programs run in its slots' threads, and for these Node's
 * permission model closes what no job needs: starting processes and threads, native addons, WASI, SQLite, and every
 * file but the worker's code, its bundles and its tenant's files. (The main thread stays outside it:
 * under the model Node refuses `fsync`, without which no checkpoint is safe.) It guards against accidents; a hostile
 * program needs the walls of Kubernetes.
 *
 * The shell in front waits for one line on its standard input and only then becomes the worker, with the same process
 * id. So a control plane that dies before it has recorded the process leaves nothing behind: the shell reads the end
 * of its input and ends. On the way it sees to it that no core file with the tenant's secrets is written and that the
 * system, short of memory, ends workers before it ends the database.
 */
export function workerCommand(
  spec: WorkerSpec,
  program: WorkerProgram,
  ownFolder: string,
  environment: NodeJS.ProcessEnv,
): WorkerCommand {
  const filesFolder = tenantFiles(spec, program)
  const folders = { codeFolders: program.codeFolders, ownFolder, filesFolders: [filesFolder] }
  const taken = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (inherited.includes(entry[0]) || (usesObjectStore(spec) && isOfAws(entry[0]))),
  )
  return {
    command: '/bin/sh',
    args: ['-c', launcher, program.node, `--max-old-space-size=${mainHeapMegabytes}`, program.entry],
    cwd: filesFolder,
    env: {
      ...Object.fromEntries(taken),
      NODE_ENV: 'production',
      // As in the worker's image: threads that compile keep no memory of their own.
      MALLOC_ARENA_MAX: '1',
      HOME: ownFolder,
      TMPDIR: `${ownFolder}/tmp`,
      LIGHTFLUS_CONTROL_PLANE_URL: spec.controlPlaneUrl,
      LIGHTFLUS_WORKER_ID: spec.workerId,
      LIGHTFLUS_WORKER_TOKEN: spec.token,
      LIGHTFLUS_WORKER_DIR: ownFolder,
      LIGHTFLUS_SLOT_NODE_OPTIONS: JSON.stringify(slotNodeOptions(folders)),
    },
  }
}

export function tenantFiles({ tenantName }: Pick<WorkerSpec, 'tenantName'>, { filesFolder }: WorkerProgram): string {
  return join(filesFolder, tenantName)
}

const launcher = [
  'read -r go || exit 75',
  'ulimit -c 0',
  '[ -w /proc/self/oom_score_adj ] && echo 500 > /proc/self/oom_score_adj',
  'exec "$0" "$@" < /dev/null',
].join('\n')
