import { count, job, kafka, redis, text } from 'lightflus'

/** How often each word occurs in the lines of a Kafka topic, kept up to date in Redis. */
export default job('word-count', (flow) => {
  flow
    .source(kafka.source({ connection: 'kafka', topic: 'lines', value: text() }), { name: 'lines' })
    .flatMap((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [], { name: 'words' })
    .keyBy((word) => word)
    .aggregate({ count: count() }, { name: 'count' })
    .sinkTo(redis.sink({ connection: 'redis', key: ({ key }) => `count:${key}`, value: ({ count }) => count }), {
      name: 'redis',
    })
})
