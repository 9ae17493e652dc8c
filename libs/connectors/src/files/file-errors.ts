import { LightflusError, type ErrorCode } from '@lightflus/api'

const meanings: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'part of the path is not a folder',
  EISDIR: 'it is a folder',
  ENOSPC: 'no space left on device',
  EDQUOT: 'the disk quota is used up',
  EXDEV: 'it lies on another file system than the folder of the path',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open',
  EPIPE: 'nobody reads any more',
  ERR_ACCESS_DENIED: 'the job may not reach this path',
}

const reasonOf = (thrown: unknown): string => {
  const { code, message } = thrown as NodeJS.ErrnoException
  return meanings[code ?? ''] ?? message
}

/** LF_FILES_MISSING where the file is not there, LF_FILES_UNREADABLE for any other reason. */
export function readError(path: string, thrown: unknown): LightflusError {
  const code: ErrorCode =
    (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? 'LF_FILES_MISSING' : 'LF_FILES_UNREADABLE'
  const message =
    code === 'LF_FILES_MISSING' ? `Nothing is at '${path}'` : `'${path}' cannot be read: ${reasonOf(thrown)}`
  return new LightflusError(code, message, { details: { path }, cause: thrown })
}

/** LF_FILES_MISSING where the folder is not there, which no further attempt makes; LF_FILES_WRITE for any other reason. */
export function writeError(path: string, thrown: unknown): LightflusError {
  const isMissing = (thrown as NodeJS.ErrnoException).code === 'ENOENT'
  const message = `'${path}' cannot be written: ${reasonOf(thrown)}`
  if (!isMissing) return new LightflusError('LF_FILES_WRITE', message, { details: { path }, cause: thrown })
  const nextStep = 'Make the folder, or mend the path; it is relative to the folder where the job was started.'
  return new LightflusError('LF_FILES_MISSING', message, { details: { path }, nextStep, cause: thrown })
}

export const formatError = (path: string, where: string, what: string): LightflusError =>
  new LightflusError('LF_FILES_FORMAT', `'${path}', ${where}: ${what}`, { details: { path } })

/** A file that ends before the position at which a checkpoint goes on. */
export const changedError = (path: string, size: number, position: number, unit = 'byte'): LightflusError =>
  new LightflusError(
    'LF_FILES_CHANGED',
    `'${path}' has ${size} ${unit}s, but the checkpoint goes on at ${unit} ${position}`,
    { details: { path } },
  )
