import { LightflusError, type ErrorCode } from '@lightflus/api'

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const denied = new Set(['EACCES', 'EPERM', 'EROFS'])

/** What a file system that has no hard links (FAT, some that are mounted over a network) answers to one. */
const unknownLink = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'])

function codeOf(errno: string, call: string | undefined): ErrorCode {
  if (call === 'link' && unknownLink.has(errno)) return 'LF_STORAGE_UNSUPPORTED'
  if (full.has(errno)) return 'LF_STORAGE_FULL'
  return denied.has(errno) ? 'LF_STORAGE_DENIED' : 'LF_STORAGE_FAILED'
}

/**
 * What a failed system call means for checkpoint storage.
 * @param doing what was tried, as the beginning of a sentence: `Writing log/0000000001 to /var/lib/orders`.
 */
export function storageError(doing: string, thrown: unknown): LightflusError {
  const { code: errno = 'unknown', syscall } = thrown as NodeJS.ErrnoException
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  const code = codeOf(errno, syscall)
  return new LightflusError(code, `${doing} failed: ${reason}`, {
    cause: thrown,
    details: { errno },
    ...(code === 'LF_STORAGE_UNSUPPORTED'
      ? { nextStep: 'Use a folder of a file system with hard links, or a bucket of an S3 store.' }
      : {}),
  })
}
