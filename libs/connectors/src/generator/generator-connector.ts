import type { Connector } from '@lightflus/engine'
import { GeneratorSource } from './generator-source.ts'

export const generatorConnector: Connector = {
  kind: 'generator',
  createSource: (context) => new GeneratorSource(context),
}
