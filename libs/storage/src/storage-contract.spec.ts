import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderStorage } from './folder-storage.ts'
import { memoryStorage } from './memory-storage.ts'
import { storageContract } from './testing/storage.contract.ts'

describe('checkpoint storage in memory', () => {
  storageContract({ open: async () => memoryStorage(), again: (storage) => storage, sequences: 40 })
})

describe('checkpoint storage in a folder', () => {
  const folders: string[] = []
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })

  storageContract({
    open: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'lightflus-storage-'))
      folders.push(folder)
      return folderStorage(join(folder, 'not', 'there', 'yet'))
    },
    again: ({ location }) => folderStorage(location),
    sequences: 40,
  })
})
