import { count, files, job, kafka, table, text, type SinkDeclaration, type SourceDeclaration } from 'lightflus'
import { settings } from '../nexmark/settings.ts'

/** How often does each word occur? Told once for all lines of input that ends, and with every line of a stream. */
export default job('word-count', (flow) => {
  flow
    .source(lines(), { name: 'lines' })
    .flatMap((line) => line.split(' '))
    .keyBy((word) => word)
    .aggregate({ num: count() }, { name: 'per-word' })
    .map(({ key, num }) => ({ word: key, num }))
    .sinkTo(counts())
})

function lines(): SourceDeclaration<string> {
  const { source } = settings()
  if (source.kind === 'files') return files.source({ path: source.path, format: 'text' })
  if (source.kind === 'kafka')
    return kafka.source({ connection: 'nexmark', topic: source.topic, bounded: source.bounded, value: text() })
  throw new Error('Words are counted of files and topics alone.')
}

interface WordCount {
  readonly word: string
  readonly num: number
}

function counts(): SinkDeclaration<WordCount, 'inserts'> {
  const { sink } = settings()
  if (sink.kind === 'files') return files.sink({ path: sink.path })
  if (sink.kind === 'kafka') {
    const { topic, delivery } = sink
    return kafka.sink({ connection: 'nexmark', topic, value: (row) => row, ...(delivery && { delivery }) })
  }
  return table.sink()
}
