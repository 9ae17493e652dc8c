export type * from './deployment.ts'
export { defaultSlotHeapBytesMax } from './deployment-options.ts'
export type { PeerHandle, Placement } from './placement.ts'
export { makeProcessFolder, type ProcessFolder } from './process-folder.ts'
export { startDeployment } from './start-deployment.ts'
export { joinDeployment } from './workers/join-deployment.ts'
export {
  inspectPlace,
  type InspectedCheckpoint,
  type InspectedOperator,
  type InspectedPlace,
} from './checkpoint/inspect-checkpoint.ts'
export { inspectEntries, type EntryQuery, type InspectedEntry } from './checkpoint/inspect-state.ts'
