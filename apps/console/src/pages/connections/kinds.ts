import type { ConnectionKind } from '@lightflus/contracts'

export const kindLabels: Readonly<Record<ConnectionKind, string>> = { kafka: 'Kafka', mysql: 'MySQL', redis: 'Redis' }
