import { chmod, mkdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '@lightflus/testing/services'
import { assertReachable, databaseUser, isOpenToAll } from './database-user.ts'

const onLinux = process.platform === 'linux' ? describe : describe.skip

onLinux('the user that runs the database', () => {
  it('is the platform’s own, unless that is root', async () => {
    const uid = userInfo().uid || 65_534
    expect(await databaseUser('/nowhere', uid)).toBeNull()
  })

  it('is an existing one without rights, when the platform is root', async () => {
    const user = await databaseUser('/nowhere', 0)
    expect(user!.uid).toBeGreaterThan(0)
    expect(['postgres', 'nobody', 'daemon']).toContain(user!.name)
  })

  it('is refused when it has no name, which initdb would refuse later and less clearly', async () => {
    await expect(databaseUser('/nowhere', 54_321)).rejects.toMatchObject({ code: 'LF_UP_NO_DATABASE_USER' })
  })

  it('has to get to its folder', async () => {
    await using temporary = temporaryFolder('user')
    const folder = join(temporary.path, 'data')
    await mkdir(folder)
    const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 }
    await chmod(temporary.path, 0o700)
    expect(await isOpenToAll(folder)).toBe(false)
    await expect(assertReachable(folder, nobody)).rejects.toMatchObject({ code: 'LF_UP_FOLDER_UNREACHABLE' })
    await expect(assertReachable(folder, null)).resolves.toBeUndefined()
    await chmod(temporary.path, 0o711)
    await chmod(folder, 0o711)
    await expect(assertReachable(folder, nobody)).resolves.toBeUndefined()
  })
})
