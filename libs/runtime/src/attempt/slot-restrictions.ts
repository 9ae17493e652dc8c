let nodeOptions: readonly string[] | undefined

/**
 * Gives the threads of all slots that this process starts from now on Node options of their own, such as `--permission`
 * and what it allows. A thread's permissions are apart from its process's: so a program can be kept from files, other
 * processes and threads while the coordinator, which syncs checkpoints to disk, is not (under the permission model
 * Node refuses `fsync`). Called once, before the first deployment, by whoever knows where programs may go.
 */
export function restrictSlots(options: readonly string[]): void {
  nodeOptions = [...options]
}

/** Undefined: slots run under the options of the process. */
export function slotNodeOptions(): readonly string[] | undefined {
  return nodeOptions
}
