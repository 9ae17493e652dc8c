import type { CheckpointStorage } from './checkpoint-storage.ts'
import { assertPath, assertPrefix } from './storage-path.ts'

/**
 * Keeps checkpoints in this process's memory: for tests and for runs that need to survive the loss of a slot, but not
 * of the process. Clause 2 of the contract holds only as far as that goes.
 */
export function memoryStorage(): CheckpointStorage {
  const files = new Map<string, Uint8Array>()
  return {
    location: 'memory',
    durable: false,
    async put(path, bytes) {
      assertPath(path)
      files.set(path, new Uint8Array(bytes))
    },
    async createIfAbsent(path, bytes) {
      assertPath(path)
      if (files.has(path)) return false
      files.set(path, new Uint8Array(bytes))
      return true
    },
    async get(path) {
      assertPath(path)
      return files.get(path)?.slice()
    },
    async list(prefix) {
      assertPrefix(prefix)
      return [...files.keys()].filter((path) => path.startsWith(prefix)).sort()
    },
    async delete(path) {
      assertPath(path)
      files.delete(path)
    },
  }
}
