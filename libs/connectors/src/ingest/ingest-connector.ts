import type { Connector } from '@lightflus/engine'
import { IngestSource, type IngestLog } from './ingest-source.ts'

/** The connector reads by what it is given: a slot has no access to the storage that holds the log. */
export const ingestConnector = (log: IngestLog): Connector => ({
  kind: 'ingest',
  createSource: (context) => new IngestSource(context, log),
})
