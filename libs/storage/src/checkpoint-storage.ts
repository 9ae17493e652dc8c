/**
 * Where checkpoints live: a flat space of files under `/`-separated paths (`log/00000001`), relative to the place the
 * driver was opened on. One driver instance serves one job; several processes may work on the same place at once.
 *
 * Contract, which every driver's tests assert:
 * 1. A file is either there with all of its bytes or not there: never half of it, whatever stops the writer.
 * 2. After `put` or `createIfAbsent` resolves, the file survives the loss of the process (and, for drivers on disks
 *    and networks, of the machine).
 * 3. Of all concurrent `createIfAbsent` of one path exactly one resolves true: over threads, processes and machines.
 * 4. The bytes that `get` resolves are those that were written; damage is told from them by whoever reads, since every
 *    file carries its checksum (see file-codec.ts).
 * 5. Paths are made of the segments that {@link assertPath} allows; anything else throws before the place is touched.
 *    No file's path may go on below another's (`a` and `a/b`): that a driver need not tell.
 *
 * Every call may reject with LF_STORAGE_FULL, LF_STORAGE_DENIED, LF_STORAGE_MISSING, LF_STORAGE_UNREACHABLE,
 * LF_STORAGE_UNSUPPORTED or LF_STORAGE_FAILED.
 */
export interface CheckpointStorage {
  /** What a person calls the place, for messages: a folder, a bucket and prefix, `memory`. */
  readonly location: string
  /** Files survive the loss of this process. */
  readonly durable: boolean
  /** Writes a file, replacing one that is there. */
  put(path: string, bytes: Uint8Array): Promise<void>
  /** Writes a file unless one is there; false when one is. */
  createIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>
  /** The file's bytes, or undefined when there is none. */
  get(path: string): Promise<Uint8Array | undefined>
  /** Paths of all files whose path starts with the prefix, in code-unit order. An empty prefix lists all. */
  list(prefix: string): Promise<string[]>
  /** Removes a file; one that is not there is no error. */
  delete(path: string): Promise<void>
}
