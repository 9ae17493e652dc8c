export type { CheckpointStorage } from './checkpoint-storage.ts'
