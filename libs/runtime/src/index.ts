export type * from './deployment.ts'
export { defaultSlotHeapBytesMax } from './deployment-options.ts'
export { restrictSlots } from './attempt/slot-restrictions.ts'
export { startDeployment } from './start-deployment.ts'
