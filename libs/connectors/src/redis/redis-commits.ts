import { LightflusError } from '@lightflus/api'
import type { SinkCheckpoints } from '@lightflus/engine'
import type { Redis } from 'ioredis'
import { at, authError, type Peer } from '../connection-errors.ts'
import type { Session } from '../session.ts'
import { markerFenced, markerLost } from '../staging/commit-errors.ts'
import type { CommitOutput, CommitTarget } from '../staging/commit-target.ts'
import type { LeavingOut } from '../staging/leaving-out.ts'
import type { StagedSegment } from '../staging/staged-output.ts'
import { textListsIn } from '../staging/text-lists.ts'
import { claimScript, commitScript } from './commit-scripts.ts'
import { packCommands } from './message-pack.ts'

export interface RedisCommitsOptions extends LeavingOut {
  readonly session: Session<Redis>
  readonly peer: Peer
  readonly job: string
  readonly operator: string
  readonly checkpoints: Pick<SinkCheckpoints, 'lineage' | 'attempt'>
  /** Of the markers' keys. */
  readonly markerPrefix: string
}

/** An argument of the script, about: far below what Redis takes, and few enough arguments. */
const partBytesMax = 1024 * 1024
/** Arguments of one command: a script can hand on some 8,000. */
const argumentsMax = 2_000

/** Writes output and marker in one script. */
export class RedisCommits implements CommitTarget {
  readonly #options: RedisCommitsOptions

  constructor(options: RedisCommitsOptions) {
    this.#options = options
  }

  #markerOf(subtask: number): string {
    const { markerPrefix, checkpoints, operator } = this.#options
    return `${markerPrefix}marker:${checkpoints.lineage}:${operator}:${subtask}`
  }

  async claim(subtasks: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { session, job, operator, checkpoints } = this.#options
    const keys = subtasks.map((subtask) => this.#markerOf(subtask))
    const [what, ...found] = await session.run(
      async (client) =>
        (await client.eval(claimScript, keys.length, ...keys, String(checkpoints.attempt), job)) as string[],
    )
    if (what === 'fenced') throw markerFenced(operator, checkpoints.attempt, Number(found[0]))
    return new Map(subtasks.map((subtask, index) => [subtask, Number(found[index])]))
  }

  async write({ subtask, from, to, segments }: CommitOutput): Promise<void> {
    const { session, peer, operator, checkpoints } = this.#options
    const leftOut = new Set<string>()
    for (;;) {
      const parts = [...partsOf(segments, leftOut)]
      const places = [checkpoints.attempt, from, to].map(String)
      const [what, found = '', ...keys] = await session.run(
        async (client) =>
          (await client.eval(commitScript, 1, this.#markerOf(subtask), ...places, ...parts)) as string[],
      )
      if (what === 'ok') return
      if (what === 'fenced') throw markerFenced(operator, checkpoints.attempt, Number(found))
      if (what === 'lost') throw markerLost(operator, { subtask, found: Number(found), expected: from })
      if (what === 'denied')
        throw authError(peer, `does not let this user do ${keys[0]!.toUpperCase()} on key '${found}'`)
      // Told before the rest is written: whatever happens then, nothing is left out in silence.
      for (const key of keys) this.#leaveOut(leftOut, key, { command: found, checkpoint: to })
    }
  }

  /** @throws LF_SINK_COMMIT_REFUSED where nothing may be left out */
  #leaveOut(
    leftOut: Set<string>,
    key: string,
    { command, checkpoint }: { readonly command: string; readonly checkpoint: number },
  ): void {
    const { peer, operator, leavesOut, onLeftOut } = this.#options
    const error = new LightflusError(
      'LF_SINK_COMMIT_REFUSED',
      `${at(peer)} holds under key '${key}' another type than ${command.toUpperCase()} writes, in the output of checkpoint ${checkpoint}, ${leavesOut ? 'which leaves it out' : 'which is kept'}`,
      { details: { connection: peer.connection, operator, key, checkpoint } },
    )
    if (!leavesOut) throw error
    leftOut.add(key)
    onLeftOut(error)
  }
}

/** Staged commands as arguments of the script. */
function* partsOf(segments: readonly StagedSegment[], leftOut: ReadonlySet<string>): Generator<Buffer> {
  let part: string[][] = []
  let bytes = 0
  for (const segment of segments)
    for (const list of textListsIn(segment.bytes))
      for (const command of leftOut.has(list[1]!) ? [] : inPieces(list as string[])) {
        part.push(command)
        bytes += command.reduce((sum, text) => sum + text.length + 5, 5)
        if (bytes < partBytesMax) continue
        yield packCommands(part)
        part = []
        bytes = 0
      }
  if (part.length > 0) yield packCommands(part)
}

/** Fields of hashes can be set and taken out some at a time, since nobody sees what is between. */
function* inPieces(command: string[]): Generator<string[]> {
  const [name, key] = command
  if (command.length <= argumentsMax || (name !== 'hset' && name !== 'hdel')) return yield command
  for (let from = 2; from < command.length; from += argumentsMax)
    yield [name, key!, ...command.slice(from, from + argumentsMax)]
}

/**
 * Whether a Redis can keep markers: a primary, alone, that throws no key away.
 * @throws LF_REDIS_SERVER
 */
export async function demandExactlyOnce(
  client: Redis,
  peer: Peer,
  log: (level: 'warn', message: string) => void,
): Promise<void> {
  const information = await client.info()
  const fact = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(information)?.[1]
  const refuse = (what: string) => {
    throw new LightflusError('LF_REDIS_SERVER', `${at(peer)} ${what}`, { details: { connection: peer.connection } })
  }
  if (fact('cluster_enabled') === '1') refuse('is part of a cluster; exactly once needs a single primary')
  if (fact('role') !== undefined && fact('role') !== 'master')
    refuse(`is a ${fact('role')} and not the primary, which exactly once needs`)
  const policy = fact('maxmemory_policy') ?? ''
  if (policy.startsWith('allkeys') && fact('maxmemory') !== '0')
    refuse(`throws keys away when its memory is full (${policy}), markers among them; exactly once needs noeviction`)
  if (fact('aof_enabled') !== '1')
    log(
      'warn',
      `${at(peer)} keeps no append-only file: what it forgets in a crash is missing although it was committed, and the job then ends with LF_SINK_COMMIT_LOST. Set appendonly to yes.`,
    )
}
