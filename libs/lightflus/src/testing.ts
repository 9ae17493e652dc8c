export * from '@lightflus/testing'
