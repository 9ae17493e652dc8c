import type { Key } from '../definition.ts'
import type { BroadcastStream } from './broadcast-stream.ts'
import type { ChangelogStream } from './changelog-stream.ts'
import type { KeyedChangelogStream } from './keyed-changelog-stream.ts'
import type { KeyedStream } from './keyed-stream.ts'
import type { Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'

/** The kinds of stream that an operator may emit. */
export interface Streams {
  plain<T>(from: Upstream): Stream<T>
  keyed<T, K extends Key>(from: Upstream): KeyedStream<T, K>
  broadcast<T>(from: Upstream): BroadcastStream<T>
  changelog<T>(from: Upstream): ChangelogStream<T>
  keyedChangelog<T, K extends Key>(from: Upstream): KeyedChangelogStream<T, K>
}
