export interface SlotFolders {
  /** The worker's code and what it imports. */
  readonly codeFolders: readonly string[]
  /** The worker's own folder, which holds the bundles. */
  readonly ownFolder: string
  /** Where files connectors may read and write. */
  readonly filesFolders: readonly string[]
}

/**
 * Node's options for the threads that run programs, the same wherever the worker is placed: LIGHTFLUS_SLOT_NODE_OPTIONS.
 * The permission model closes what no job needs: starting processes and threads, native addons, WASI, SQLite, and every
 * file but those named. The inspector it leaves open: the worker's runtime adds `--allow-inspector`, to find the line of
 * a thread that does not answer, and keeps programs from it by a guard of its own.
 */
export function slotNodeOptions({ codeFolders, ownFolder, filesFolders }: SlotFolders): readonly string[] {
  return [
    '--permission',
    '--allow-net',
    '--no-experimental-sqlite',
    // Node announces its flags on standard error, which is the job's log.
    '--disable-warning=ExperimentalWarning',
    ...[...codeFolders, ownFolder, ...filesFolders].map((folder) => `--allow-fs-read=${folder}`),
    ...filesFolders.map((folder) => `--allow-fs-write=${folder}`),
  ]
}
