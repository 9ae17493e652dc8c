/** A small program that needs no connection; another `rate` makes another version. */
export function generatorProgram(job: string, rate = 1): { readonly fileName: string; readonly text: string } {
  return {
    fileName: 'program.ts',
    text: `import { generator, job, table } from 'lightflus'

export default job('${job}', (flow) => {
  flow
    .source(generator.source({ generate: (index) => ({ index }), perSecond: ${rate} }), { name: 'read' })
    .map((value) => value.index)
    .sinkTo(table.sink(), { name: 'write' })
})
`,
  }
}

/** A program that reads a connection. */
export function kafkaProgram(job: string, connection: string): { readonly fileName: string; readonly text: string } {
  return {
    fileName: 'program.ts',
    text: `import { job, kafka, table, text } from 'lightflus'

export default job('${job}', (flow) => {
  flow
    .source(kafka.source({ connection: '${connection}', topic: 'lines', value: text() }), { name: 'read' })
    .sinkTo(table.sink(), { name: 'write' })
})
`,
  }
}
