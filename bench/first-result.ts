import { count, generator, job, table } from 'lightflus'

/** The least program that shows something: how long until it does? */
export default job('first-result', (flow) => {
  flow
    .source(generator.source({ generate: (index) => `key-${index % 10}`, count: 1_000 }))
    .keyBy((key) => key)
    .aggregate({ count: count() }, { name: 'count' })
    .sinkTo(table.sink({ key: ({ key }) => key, row: ({ key, count }) => ({ key, count }) }))
})
