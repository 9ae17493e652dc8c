import { job } from 'lightflus'
import { nexmark, results } from '../nexmark.ts'

const knownChannels = new Map([
  ['apple', '0'],
  ['google', '1'],
  ['facebook', '2'],
  ['baidu', '3'],
])

/** The number of every bid's channel, which some bids have in their address. */
export default job('nexmark-q21', (flow) => {
  nexmark(flow)
    .bids.map(({ auction, bidder, price, channel, url }) => ({
      auction,
      bidder,
      price,
      channel,
      channelId: knownChannels.get(channel.toLowerCase()) ?? /(?:&|^)channel_id=([^&]*)/.exec(url)?.[1],
    }))
    .filter(({ channelId }) => channelId !== undefined)
    .sinkTo(results())
})
