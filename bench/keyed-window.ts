import { count, files, generator, job, sum, tumbling } from 'lightflus'

/** Ten million records, ten thousand keys, windows of ten minutes of event time: how many, and what sum, in all. */
export default job('keyed-window', (flow) => {
  flow
    .source(
      generator.source({
        generate: (index, { time }) => ({ user: index % 10_000, amount: index % 100, at: time }),
        count: 10_000_000,
        partitions: 4,
        eventTime: (event) => event.at,
      }),
      { name: 'events' },
    )
    .keyBy((event) => event.user)
    .window(tumbling('10m'), { name: 'per-user' })
    .aggregate({ records: count(), amount: sum((event) => event.amount) })
    .sinkTo(
      files.sink({
        path: 'keyed-window.jsonl',
        row: ({ key, window, records, amount }) => ({ key, start: window.start, records, amount }),
      }),
      { name: 'totals' },
    )
})
