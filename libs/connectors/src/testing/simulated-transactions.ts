import { LightflusError } from '@lightflus/api'
import type { TransactionalProducer } from '../kafka/sink/open-transactions.ts'
import type { OpenTransaction } from '../kafka/sink/topic-producer.ts'
import type { TransactionName } from '../kafka/transactions/end-transaction.ts'
import type {
  MarkedTransactions,
  TransactionCluster,
  TransactionMark,
} from '../kafka/transactions/transaction-cluster.ts'

interface IdState {
  readonly producerId: number
  epoch: number
  open: { values: string[]; mark: TransactionMark | undefined } | undefined
  wasCommitted: boolean
  mark: TransactionMark | undefined
}

/** A process is gone: it says so to itself, since the test goes on. */
export class Crash extends Error {}

const fenced = () => new LightflusError('LF_KAFKA_PRODUCER_FENCED', 'a newer producer has taken its place')

/**
 * What Kafka's coordinators do with transactions, by both protocols: epochs, fencing, idempotent ends, markers and timeouts.
 */
export class SimulatedTransactions {
  readonly #protocol: 1 | 2
  readonly #ids = new Map<string, IdState>()
  #producers = 0
  /** What readers of committed data see. */
  readonly committed: string[] = []

  constructor(protocol: 1 | 2) {
    this.#protocol = protocol
  }

  /** The transactional ids under which something is open, by which readers are held up. */
  get open(): string[] {
    return [...this.#ids].filter(([, { open }]) => open).map(([id]) => id)
  }

  isKnown(id: string): boolean {
    return this.#ids.has(id)
  }

  take(id: string): TransactionName {
    const state = this.#ids.get(id) ?? {
      producerId: this.#producers++,
      epoch: -1,
      open: undefined,
      wasCommitted: false,
      mark: undefined,
    }
    this.#ids.set(id, state)
    this.#abort(state)
    return { transactionalId: id, producerId: state.producerId, epoch: state.epoch }
  }

  #abort(state: IdState): void {
    if (state.open) state.wasCommitted = false
    state.open = undefined
    state.epoch++
  }

  /** The timeout of everything that is open is over. */
  expire(): void {
    for (const id of this.open) this.#abort(this.#ids.get(id)!)
  }

  /** All that nobody has asked for in days. */
  forget(): void {
    this.#ids.clear()
  }

  #of({ transactionalId, producerId, epoch }: TransactionName): IdState {
    const state = this.#ids.get(transactionalId)
    if (state?.epoch !== epoch || state.producerId !== producerId) throw fenced()
    return state
  }

  produce(name: TransactionName, values: readonly string[]): void {
    const state = this.#of(name)
    state.open ??= { values: [], mark: undefined }
    state.open.values.push(...values)
  }

  mark(name: TransactionName, mark: TransactionMark): void {
    const state = this.#of(name)
    state.open ??= { values: [], mark: undefined }
    state.open.mark = mark
  }

  /** @returns by what the next one is known */
  commit(name: TransactionName): TransactionName {
    const state = this.#of(name)
    if (state.open) {
      this.committed.push(...state.open.values)
      state.mark = state.open.mark ?? state.mark
      state.open = undefined
      state.wasCommitted = true
      if (this.#protocol === 2) state.epoch++
    } else if (!state.wasCommitted) throw new LightflusError('LF_KAFKA_TRANSACTION_ENDED', 'not open')
    return { ...name, epoch: state.epoch }
  }

  /** By the first protocol: another epoch, for who has the newest. */
  renew(name: TransactionName): TransactionName {
    if (this.#protocol === 2) return name
    const state = this.#of(name)
    state.epoch++
    state.wasCommitted = false
    return { ...name, epoch: state.epoch }
  }

  newestMark(id: string): TransactionMark | undefined {
    const state = this.#ids.get(id)
    if (state?.open) throw new Error('a marker was read while it may yet change')
    return state?.mark
  }
}

/** Where a process stops: it is killed or, with `wakes`, stands still until then. */
export interface Stop {
  /** Counted while `isArmed`. */
  readonly atCall: number
  /** Whether the call has taken effect by then. */
  readonly isAfter: boolean
  readonly wakes?: Promise<void>
}

/** A process among those that write: it may stop at any of its calls, before or after it took effect. */
export class SimulatedProcess implements TransactionCluster {
  readonly #cluster: SimulatedTransactions
  readonly #stop: Stop | undefined
  readonly #delays: readonly number[]
  #delayed = 0
  #calls = 0
  #isDead = false
  /** Its calls count. */
  isArmed = true

  /**
   * @param stop where it stops; undefined: nowhere
   * @param delays of its calls in turn, in turns of the event loop
   */
  constructor(cluster: SimulatedTransactions, stop?: Stop, delays: readonly number[] = [1]) {
    this.#cluster = cluster
    this.#stop = stop
    this.#delays = delays
  }

  /** Any call to the outside. */
  async call<T>(effect: () => T): Promise<T> {
    const delay = this.#delays[this.#delayed++ % this.#delays.length]!
    for (let turn = 0; turn < delay; turn++) await Promise.resolve()
    if (this.#isDead) throw new Crash()
    const stopsNow = this.#stop && this.isArmed && this.#calls++ === this.#stop.atCall ? this.#stop : undefined
    if (stopsNow && !stopsNow.isAfter) await this.#standStill(stopsNow.wakes)
    const result = effect()
    if (stopsNow?.isAfter) await this.#standStill(stopsNow.wakes)
    return result
  }

  async #standStill(wakes: Promise<void> | undefined): Promise<void> {
    if (wakes) return wakes
    this.#isDead = true
    throw new Crash()
  }

  isKnown(id: string): Promise<boolean> {
    return this.call(() => this.#cluster.isKnown(id))
  }

  commit(name: TransactionName): Promise<boolean> {
    return this.call(() => {
      try {
        this.#cluster.commit(name)
        return true
      } catch (thrown) {
        if (thrown instanceof LightflusError) return false
        throw thrown
      }
    })
  }

  newestMark(id: string): Promise<TransactionMark | undefined> {
    return this.call(() => this.#cluster.newestMark(id))
  }

  async take(id: string): Promise<MarkedTransactions> {
    let name = await this.call(() => this.#cluster.take(id))
    return {
      transactionalId: id,
      get name() {
        return name
      },
      get identity() {
        return { ...name, isTransactional: true }
      },
      produceVersionMax: Infinity,
      mustEnlist: () => false,
      enlist: () => Promise.resolve(),
      mark: (mark) => this.call(() => this.#cluster.mark(name, mark)),
      commit: async () => {
        name = await this.call(() => this.#cluster.commit(name))
        name = await this.call(() => this.#cluster.renew(name))
      },
    }
  }

  /** A producer of this process. */
  producer(): TransactionalProducer {
    return new SimulatedProducer(this, this.#cluster)
  }
}

class SimulatedProducer implements TransactionalProducer {
  readonly #process: SimulatedProcess
  readonly #cluster: SimulatedTransactions
  #transaction: OpenTransaction | undefined
  #waiting = 0
  /** Everything that was added is sent at once, one after another. */
  #sent = Promise.resolve()
  bytesAdded = 0

  constructor(process: SimulatedProcess, cluster: SimulatedTransactions) {
    this.#process = process
    this.#cluster = cluster
  }

  begin(transaction: OpenTransaction): void {
    if (this.#waiting > 0) throw new Error('A transaction begins only where nothing is under way')
    this.#transaction = transaction
  }

  add(_key: Uint8Array | null, value: Uint8Array | string | null): void {
    const text = typeof value === 'string' ? value : Buffer.from(value!).toString()
    const { transactionalId, identity } = this.#transaction!
    const name = { ...identity, transactionalId }
    this.#waiting++
    this.bytesAdded++
    this.#sent = this.#sent.then(async () => {
      await this.#process.call(() => this.#cluster.produce(name, [text]))
      this.#waiting--
    })
    this.#sent.catch(() => undefined)
  }

  addEncoded(): never {
    throw new Error('not here')
  }

  ready(): void {}

  flush(): Promise<void> {
    return this.#sent
  }
}
