export type { CheckpointStorage } from './checkpoint-storage.ts'
export { memoryStorage } from './memory-storage.ts'
export { folderStorage } from './folder-storage.ts'
