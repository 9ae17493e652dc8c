export type * from './deployment.ts'
export { defaultSlotHeapBytesMax } from './deployment-options.ts'
export { startDeployment } from './start-deployment.ts'
