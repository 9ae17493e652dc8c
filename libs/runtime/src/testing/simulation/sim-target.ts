import { LightflusError } from '@lightflus/api'
import type { ConnectorContext, FormerOutput, SinkCommits, SinkWriter } from '@lightflus/engine'
import type { Mutation } from './mutations.ts'
import type { SimPlace } from './sim-storage.ts'
import type { Actor, World } from './world.ts'

/**
 * `transaction`: output lies invisible in the target, as in Kafka's. `marker`: it is kept in the checkpoint, and written
 * together with a marker, as to a database.
 */
export type Staging = 'transaction' | 'marker'

interface Transaction {
  readonly writer: string
  readonly rows: unknown[]
  /** Attempt and checkpoint that it was prepared for. */
  readonly attempt: number
  checkpoint: number
  state: 'open' | 'committed' | 'aborted'
  /** The generation that aborted it. */
  abortedBy?: number
}

/** What a writer meets that has been superseded; it ends its attempt. */
export class Fenced extends Error {}
/** The target was away; the attempt ends, too. */
export class TargetFailed extends Error {}

/** What sinks write to. It outlives attempts and knows each row that became visible. */
export class SimTarget {
  /** By generation, then by sink. */
  readonly visible = new Map<number, Record<string, unknown[]>>()
  readonly #world: World
  readonly #mutation: Mutation | undefined
  readonly #place: Pick<SimPlace, 'existsTo' | 'generationOf'>
  readonly #transactions: Transaction[] = []
  readonly #fences = new Map<string, number>()
  readonly #markers = new Map<string, number>()

  constructor(world: World, mutation: Mutation | undefined, place: Pick<SimPlace, 'existsTo' | 'generationOf'>) {
    this.#world = world
    this.#mutation = mutation
    this.#place = place
  }

  fence(writer: string, attempt: number): void {
    this.assertMay(writer, attempt)
    this.#fences.set(writer, attempt)
  }

  assertMay(writer: string, attempt: number): void {
    if (this.#mutation === 'no-fencing-in-target') return
    if (attempt < (this.#fences.get(writer) ?? 0)) throw new Fenced(`${writer} of attempt ${attempt} is fenced`)
  }

  begin(writer: string, attempt: number): number {
    this.assertMay(writer, attempt)
    const rows: unknown[] = []
    return this.#transactions.push({ writer, attempt, rows, checkpoint: Infinity, state: 'open' }) - 1
  }

  add(id: number, rows: readonly unknown[]): void {
    const transaction = this.#transactions[id]
    if (transaction.state === 'open') transaction.rows.push(...rows)
    else throw new Fenced(`transaction ${id} of ${transaction.writer} is ${transaction.state}`)
  }

  seal(id: number, checkpoint: number): void {
    const transaction = this.#transactions[id]
    if (transaction.state !== 'open') throw new Fenced(`transaction ${id} of ${transaction.writer} is gone`)
    transaction.checkpoint = checkpoint
  }

  commit(id: number): void {
    const transaction = this.#transactions[id]
    const { writer, attempt, checkpoint, rows } = transaction
    // Who started afresh has promised nothing of what was before; who then goes back to it is told that it is gone.
    if (transaction.state === 'aborted' && this.#place.generationOf(attempt) !== transaction.abortedBy)
      throw new LightflusError('LF_SINK_COMMIT_LOST', `transaction ${id} of ${writer} was aborted by a fresh start`)
    if (transaction.state === 'aborted')
      return this.#world.violate(`transaction ${id} of ${writer}, which checkpoint ${checkpoint} promises, is gone`)
    if (transaction.state === 'open') this.#show(writer, { attempt, checkpoint, rows })
    transaction.state = 'committed'
  }

  /** Of former attempts. As any request of a writer, it is refused once a newer attempt has fenced it. */
  abortOpen(writer: string, attempt: number): void {
    this.assertMay(writer, attempt)
    for (const each of this.#transactions) {
      if (each.writer !== writer || each.state !== 'open') continue
      each.state = 'aborted'
      each.abortedBy = this.#place.generationOf(attempt)
    }
  }

  apply(writer: string, output: { readonly attempt: number; readonly checkpoint: number; readonly rows: unknown[] }) {
    if (output.checkpoint <= (this.#markers.get(writer) ?? 0)) return
    if (this.#mutation !== 'marker-forgotten') this.#markers.set(writer, output.checkpoint)
    this.#show(writer, output)
  }

  #show(
    writer: string,
    { attempt, checkpoint, rows }: { readonly attempt: number; readonly checkpoint: number; readonly rows: unknown[] },
  ): void {
    if (this.#place.existsTo(attempt) < checkpoint)
      this.#world.violate(`${writer} shows output of checkpoint ${checkpoint}, which does not exist`)
    const [sink] = writer.split('/')
    const generation = this.#place.generationOf(attempt)
    const visible = this.visible.get(generation) ?? {}
    this.visible.set(generation, visible)
    visible[sink] ??= []
    visible[sink].push(...rows)
  }
}

export interface SimWriterOptions {
  readonly world: World
  readonly target: SimTarget
  readonly actor: Actor
  readonly staging: Staging
  /** Chance that a call to the target fails, before it has taken effect or after. */
  readonly failing: number
  readonly mutation: Mutation | undefined
}

/** Writes to the target in two phases, by requests that take their time and may be lost, or their answers. */
export function simWriter(context: ConnectorContext<'sink'>, options: SimWriterOptions): SinkWriter {
  const { world, target, actor, staging, failing, mutation } = options
  const { attempt } = context.checkpoints!
  const nameOf = (index: number): string => `${context.operator.node.id}/${index}`
  const own = nameOf(context.subtask.index)
  let bytes = 0
  let rows: unknown[] = []
  let open: number | undefined
  /** Prepared, and taken by no commit: ids of transactions, or rows. */
  let joined: unknown[] = []
  let latest = 0
  let isCommitting = false

  /** One request to the target. */
  async function ask(effect: () => void): Promise<void> {
    const { dice } = world
    const [failsBefore, failsAfter] = [dice.chance(failing), dice.chance(failing)]
    await world.travel(actor, dice.next() * 4)
    if (failsBefore) throw new TargetFailed('the request was lost')
    effect()
    await world.wait(actor, dice.next() * 4)
    if (failsAfter) throw new TargetFailed('the answer was lost')
    if (context.signal.aborted) throw new TargetFailed('the attempt is over')
  }

  const show = (index: number, output: { attempt: number; checkpoint: number; rows: unknown[] }) => async () => {
    if (staging === 'marker') await ask(() => target.apply(nameOf(index), output))
    else for (const id of output.rows) await ask(() => target.commit(id as number))
  }

  const commits: SinkCommits = {
    async resume({ prepared, isCommitted, subtasks }: FormerOutput) {
      for (const index of subtasks) await ask(() => target.fence(nameOf(index), attempt))
      for (const { subtask, attempt: former, checkpoint, output } of isCommitted ? [] : prepared) {
        if (!subtasks.includes(subtask)) world.violate(`subtask ${subtask} falls to ${own}, which may not settle it`)
        const show1 = show(subtask, { attempt: former, checkpoint, rows: output as unknown[] })
        if (mutation !== 'resume-forgotten') await show1()
      }
      for (const index of subtasks) await ask(() => target.abortOpen(nameOf(index), attempt))
    },
    async prepare(checkpoint) {
      if (checkpoint <= latest) world.violate(`${own} is to prepare ${checkpoint} after ${latest}`)
      latest = checkpoint
      if (mutation === 'aborted-output-dropped') joined = []
      if (staging === 'marker') joined.push(...rows)
      else if (open !== undefined) joined.push(open)
      rows = []
      open = undefined
      if (joined.length === 0) return undefined
      const given = [...joined]
      if (staging === 'transaction') await ask(() => given.forEach((id) => target.seal(id as number, checkpoint)))
      if (mutation === 'commit-before-entry') await show(context.subtask.index, { attempt, checkpoint, rows: given })()
      return given
    },
    async commit(checkpoint) {
      if (isCommitting) world.violate(`two commits of ${own} overlap`)
      if (checkpoint !== latest) world.violate(`${own} is to commit ${checkpoint}, and prepared ${latest}`)
      isCommitting = true
      const taken = joined
      joined = []
      await show(context.subtask.index, { attempt, checkpoint, rows: taken })()
      isCommitting = false
    },
  }

  return {
    commits,
    open: () => world.wait(actor, world.dice.next() * 5),
    write(values) {
      bytes += values.length
      const copies = values.map((value) => structuredClone(value))
      if (staging === 'marker') rows.push(...copies)
      else {
        target.assertMay(own, attempt)
        open ??= target.begin(own, attempt)
        target.add(open, copies)
      }
      if (world.dice.chance(0.2)) return world.wait(actor, world.dice.next() * 8)
    },
    flush: () => Promise.reject(new Error('a writer that commits is not flushed')),
    bytesWritten: () => bytes,
    close: () => Promise.resolve(),
  }
}
