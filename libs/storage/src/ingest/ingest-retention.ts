import type { CheckpointStorage } from '../checkpoint-storage.ts'
import { restorable, type LoggedCheckpoint, type LogState } from '../log-entry.ts'
import { letGoOfIngest, segmentsKeptMin } from './ingest-reader.ts'

/** Lets go of what no kept checkpoint reads of the logs of endpoints, as checkpoints come to exist. */
export class IngestRetention {
  readonly #place: { readonly storage: CheckpointStorage; readonly job: string }
  /** The first segment that is left of each log, as far as is known. */
  readonly #floors = new Map<string, number>()

  constructor({ storage, job }: { readonly storage: CheckpointStorage; readonly job: string }) {
    this.#place = { storage, job }
  }

  /** @throws what the storage throws */
  async letGo(state: LogState): Promise<void> {
    const newest = state.checkpoints.at(-1)
    for (const endpoint of Object.keys(newest?.ingested ?? {})) {
      // A checkpoint from before the source was there would read the log from its beginning.
      const leastOf = (checkpoints: readonly LoggedCheckpoint[]) =>
        Math.min(...checkpoints.map(({ ingested }) => ingested?.[endpoint]?.segment ?? 1))
      const [resumedFrom] = restorable(state)
      const need = {
        kept: leastOf(state.checkpoints),
        goingOn: leastOf(state.checkpoints.filter((each) => each.kind === 'checkpoint' || each === resumedFrom)),
      }
      // Not worth a look at the storage.
      if (need.goingOn - (this.#floors.get(endpoint) ?? 1) < segmentsKeptMin) continue
      this.#floors.set(endpoint, await letGoOfIngest({ ...this.#place, endpoint }, need))
    }
  }
}
