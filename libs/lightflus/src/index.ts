export * from '@lightflus/api'
