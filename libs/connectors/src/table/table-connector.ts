import type { Connector } from '@lightflus/engine'
import { TableSink } from './table-sink.ts'

export const tableConnector: Connector = {
  kind: 'table',
  createSink: (context) => new TableSink(context),
}
