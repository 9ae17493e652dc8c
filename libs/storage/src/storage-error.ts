import { LightflusError, type ErrorCode } from '@lightflus/api'

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const denied = new Set(['EACCES', 'EPERM', 'EROFS'])

function codeOf(errno: string): ErrorCode {
  if (full.has(errno)) return 'LF_STORAGE_FULL'
  return denied.has(errno) ? 'LF_STORAGE_DENIED' : 'LF_STORAGE_FAILED'
}

/**
 * What a failed system call means for checkpoint storage.
 * @param doing what was tried, as the beginning of a sentence: `Writing log/0000000001 to /var/lib/orders`.
 */
export function storageError(doing: string, thrown: unknown): LightflusError {
  const errno = (thrown as NodeJS.ErrnoException).code ?? 'unknown'
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new LightflusError(codeOf(errno), `${doing} failed: ${reason}`, { cause: thrown, details: { errno } })
}
