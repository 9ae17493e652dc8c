export const countedKeys = ['a', 'b', 'c'] as const

/**
 * A program that needs no connection: it counts by key what a generator makes, each result replacing the one before.
 * @param records how many the generator makes; null: it never ends
 */
export function countingProgram(job: string, records: number | null): { fileName: string; text: string } {
  const generated = `generate: (index) => ({ index }), perSecond: 50${records === null ? '' : `, count: ${records}`}`
  return {
    fileName: 'program.ts',
    text: `import { count, generator, job, table } from 'lightflus'

export default job('${job}', (flow) => {
  flow
    .source(generator.source({ ${generated} }), { name: 'read' })
    .keyBy(({ index }) => ${JSON.stringify(countedKeys)}[index % ${countedKeys.length}]!)
    .aggregate({ seen: count() }, { name: 'count' })
    .sinkTo(table.sink({ key: ({ key }) => key }), { name: 'counts' })
})
`,
  }
}
