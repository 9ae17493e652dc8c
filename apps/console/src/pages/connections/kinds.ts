import type { ConnectionKind } from '@lightflus/contracts'

export const kindLabels: Readonly<Record<ConnectionKind, string>> = {
  http: 'HTTP',
  kafka: 'Kafka',
  mysql: 'MySQL',
  redis: 'Redis',
}
