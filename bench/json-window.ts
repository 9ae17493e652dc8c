import { count, files, generator, job, sum, tumbling } from 'lightflus'

/** A bid as text, some 230 bytes, of one of ten thousand bidders: made before, since a source would only hand it over. */
const texts = Array.from({ length: 20_000 }, (_, index) =>
  JSON.stringify({
    auction: index % 1_000,
    bidder: (index * 7_919) % 10_000,
    price: index % 10_007,
    channel: `channel-${index % 8}`,
    url: `https://www.nexmark.com/channel-${index % 8}/item.htm?query=1&channel_id=${index * 31}`,
    dateTime: 1_700_000_000_000 + index,
    extra: `${(index * 2_654_435_761) % 4_294_967_296}abcdefghijklmnopqrstuvwxyz`,
  }),
)

interface Bid {
  readonly auction: number
  readonly bidder: number
  readonly price: number
}

/** What a usual job does with a record: parse it, find its key, count and sum it in a window. Four million records. */
export default job('json-window', (flow) => {
  flow
    .source(generator.source({ generate: (index) => texts[index % texts.length]!, count: 4_000_000, partitions: 4 }), {
      name: 'texts',
    })
    .map((text) => JSON.parse(text) as Bid, { name: 'parsed' })
    .keyBy((bid) => bid.bidder)
    .window(tumbling('10m'), { name: 'per-bidder' })
    .aggregate({ records: count(), price: sum((bid) => bid.price) })
    .sinkTo(files.sink({ path: 'json-window.jsonl', row: ({ key, records, price }) => ({ key, records, price }) }), {
      name: 'totals',
    })
})
