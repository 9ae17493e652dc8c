export * from './record.ts'
export type * from './connector.ts'
