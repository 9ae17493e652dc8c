import { BroadcastStream } from './broadcast-stream.ts'
import { ChangelogStream } from './changelog-stream.ts'
import { KeyedChangelogStream } from './keyed-changelog-stream.ts'
import { KeyedStream } from './keyed-stream.ts'
import { Stream } from './stream.ts'
import type { Streams } from './streams.ts'

export const streams: Streams = {
  plain: (from) => new Stream(from),
  keyed: (from) => new KeyedStream(from),
  broadcast: (from) => new BroadcastStream(from),
  changelog: (from) => new ChangelogStream(from),
  keyedChangelog: (from) => new KeyedChangelogStream(from),
}
