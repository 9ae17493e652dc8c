import { endpointOfPartition } from '@lightflus/connectors'
import type { SourcePositions, SubtaskSnapshot } from '@lightflus/engine'
import type { IngestPosition, LoggedCheckpoint } from '@lightflus/storage'

export type Ingested = NonNullable<LoggedCheckpoint['ingested']>

const isBefore = (one: IngestPosition, other: IngestPosition): boolean =>
  one.segment < other.segment || (one.segment === other.segment && one.record < other.record)

/** Where sources go on reading in the logs of endpoints; where several read one, the least counts. */
function least(...all: readonly Ingested[]): Ingested {
  const found: { [endpoint: string]: IngestPosition } = {}
  for (const [endpoint, position] of all.flatMap((each) => Object.entries(each)))
    if (!found[endpoint] || isBefore(position, found[endpoint])) found[endpoint] = position
  return found
}

/** What a snapshot says of it; undefined where its subtask reads no endpoint. */
export function ingestedBy({ operators }: SubtaskSnapshot): Ingested | undefined {
  const all = operators
    .filter(({ kind }) => kind === 'source')
    .flatMap(({ subtask }) => Object.entries((subtask as { readonly positions: SourcePositions }).positions))
    .flatMap(([partition, position]) => {
      const endpoint = endpointOfPartition(partition)
      return endpoint === undefined ? [] : [{ [endpoint]: position as unknown as IngestPosition }]
    })
  return all.length === 0 ? undefined : least(...all)
}

/** How far the checkpoints under way of an attempt have read the logs of endpoints. */
export class IngestPositions {
  readonly #of = new Map<number | 'finished', Ingested>()

  add(checkpoint: number | 'finished', ingested: Ingested | undefined): void {
    if (ingested) this.#of.set(checkpoint, least(this.#of.get(checkpoint) ?? {}, ingested))
  }

  /** What the log says of the checkpoint, with what finished subtasks left; older ones are asked for no more. */
  take(checkpoint: number): { readonly ingested?: Ingested } {
    const ingested = least(this.#of.get('finished') ?? {}, this.#of.get(checkpoint) ?? {})
    for (const older of this.#of.keys()) if (older !== 'finished' && older <= checkpoint) this.#of.delete(older)
    return Object.keys(ingested).length === 0 ? {} : { ingested }
  }
}
