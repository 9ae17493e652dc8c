import type { IngestEndpoint } from '@lightflus/connectors'
import { IngestWriter, openStorage } from '@lightflus/storage'
import { Inject, Injectable } from '@nestjs/common'
import type { Config } from '../config/config.ts'
import { checkpointLocation } from '../deployments/checkpoint-location.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'
import { CONFIG } from '../platform/platform.module.ts'

/** Writers held open, each with up to ten thousand marks of requests; opening one reads the end of its log. */
const writersMax = 200
/** How long the first request of a segment waits for others, milliseconds: in an object store each segment costs. */
const lingerMs = 10

export interface LogOwner {
  readonly tenantId: string
  readonly jobId: string
  readonly job: string
}

/** Writers of the logs of endpoints. Other control planes may write the same ones. */
@Injectable()
export class IngestLogs {
  readonly #config: Config
  readonly #clock: Clock
  /** By job, endpoint and bounds, the one that was used longest ago first. */
  readonly #writers = new Map<string, IngestWriter>()

  constructor(@Inject(CONFIG) config: Config, @Inject(CLOCK) clock: Clock) {
    this.#config = config
    this.#clock = clock
  }

  writer({ tenantId, jobId, job }: LogOwner, { endpoint, bytesMax, bodyBytesMax }: IngestEndpoint): IngestWriter {
    const key = [jobId, endpoint, bytesMax, bodyBytesMax].join('/')
    const writer =
      this.#writers.get(key) ??
      new IngestWriter({
        storage: openStorage(checkpointLocation(this.#config, tenantId, jobId)),
        job,
        endpoint,
        bytesMax,
        segmentBytesMax: bodyBytesMax,
        now: () => this.#clock.now(),
        lingerMs,
      })
    this.#writers.delete(key)
    this.#writers.set(key, writer)
    if (this.#writers.size > writersMax) this.#writers.delete(this.#writers.keys().next().value!)
    return writer
  }
}
