import { copyFile, open, stat, truncate } from 'node:fs/promises'

/** Size at which a log file is set aside; the file and the one set aside together never hold much more than twice this. */
const logBytesMax = 5 * 1024 * 1024

/**
 * The output of a process that may outlive this one, so it goes straight to the file: a pipe would break with its
 * reader. The file is opened for appending, and `bound` empties it in place after it was copied to `<path>.1`: the
 * process never has to open another. Lines written between copy and cut are lost; a log here is for reading after
 * trouble, never for data.
 */
export async function openLog(path: string): Promise<{ readonly fd: number; close(): Promise<void> }> {
  const handle = await open(path, 'a', 0o600)
  return { fd: handle.fd, close: () => handle.close() }
}

/** Sets a log aside when it has grown past its bound. A log that is not there is left so. */
export async function boundLog(path: string, bytesMax: number = logBytesMax): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size <= bytesMax) return
  await copyFile(path, `${path}.1`)
  await truncate(path, 0)
}

/** Size of a log now, from where {@link logTail} reads what comes after. */
export async function logSize(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0
}

/** The end of what a log has gained since it had a size: at most so many lines, for a message. May be empty. */
export async function logTail(path: string, linesMax: number, since: number): Promise<string> {
  const bytesMax = linesMax * 400
  try {
    await using handle = await open(path, 'r')
    const { size } = await handle.stat()
    // A log that was set aside meanwhile begins anew.
    const from = Math.max(since > size ? 0 : since, size - bytesMax)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), { position: from })
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-linesMax).join('\n')
  } catch {
    return ''
  }
}
