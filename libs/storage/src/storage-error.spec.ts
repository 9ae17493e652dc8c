import { storageError } from './storage-error.ts'

describe('an error of checkpoint storage', () => {
  it.each([
    ['ENOSPC', 'LF_STORAGE_FULL'],
    ['EDQUOT', 'LF_STORAGE_FULL'],
    ['EACCES', 'LF_STORAGE_DENIED'],
    ['EROFS', 'LF_STORAGE_DENIED'],
    ['EIO', 'LF_STORAGE_FAILED'],
  ])('of the system call %s is %s', (errno, code) => {
    const thrown = Object.assign(new Error(`${errno}: so it is`), { code: errno })
    expect(storageError('Writing a to b', thrown)).toMatchObject({
      code,
      message: `Writing a to b failed: ${errno}: so it is`,
    })
  })

  it.each(['EPERM', 'ENOTSUP'])('says of %s for a hard link that the file system has none', (errno) => {
    const thrown = Object.assign(new Error(`${errno}: so it is, link`), { code: errno, syscall: 'link' })
    expect(storageError('Writing log/1 to /mnt/usb', thrown)).toMatchObject({
      code: 'LF_STORAGE_UNSUPPORTED',
      nextStep: expect.stringContaining('hard links'),
    })
  })
})
