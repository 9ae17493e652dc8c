import { isLightflusError, LightflusError } from '@lightflus/api'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in the way',
}

/** What a failed access to the data folder means for the person who chose it. */
export function folderError(thrown: unknown, folder: string): LightflusError {
  if (isLightflusError(thrown)) return thrown
  const { code, message } = thrown as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new LightflusError('LF_UP_DISK_FULL', `The disk of ${folder} is full.`, { cause: thrown })
  const reason = (code && reasons[code]) ?? message
  return new LightflusError('LF_UP_FOLDER_UNWRITABLE', `The data folder ${folder} cannot be written: ${reason}.`, {
    cause: thrown,
  })
}
