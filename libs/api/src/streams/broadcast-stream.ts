import type { Upstream } from './upstream.ts'

/** A stream of which every subtask gets every record: rules, configuration, small tables. */
export class BroadcastStream<T> {
  /** @internal The end of the stream. */
  readonly upstream: Upstream
  declare readonly '~record': T

  /** @internal Made by `stream.broadcast()`. */
  constructor(upstream: Upstream) {
    this.upstream = upstream
  }
}
