import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from '@jest/globals'
import { temporaryFolder } from '@lightflus/testing/services'
import { assertBuilt, installationRoot, readRelease } from './installation.ts'

it('is refused, naming the part, until every part is built', async () => {
  await using root = temporaryFolder('installation')
  const parts = ['apps/control-plane/dist/main.js', 'apps/worker/dist/main.js', 'apps/console/dist/index.html']
  for (const part of parts) {
    await expect(assertBuilt(root.path)).rejects.toMatchObject({
      code: 'LF_UP_NOT_BUILT',
      message: expect.stringContaining(part),
    })
    await mkdir(dirname(join(root.path, part)), { recursive: true })
    await writeFile(join(root.path, part), '')
  }
  await expect(assertBuilt(root.path)).resolves.toBeUndefined()
})

it('knows its release by version and newest migration', async () => {
  expect(await readRelease(installationRoot)).toEqual({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    migration: expect.stringMatching(/^\d{14}_\w+$/),
  })
})
