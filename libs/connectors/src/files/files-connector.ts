import type { Connector } from '@lightflus/engine'
import { FilesSink } from './files-sink.ts'
import { FilesSource } from './files-source.ts'

export const filesConnector: Connector = {
  kind: 'files',
  createSource: (context) => new FilesSource(context),
  createSink: (context) => new FilesSink(context),
}
