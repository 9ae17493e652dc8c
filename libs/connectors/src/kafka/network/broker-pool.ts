import { LightflusError, isLightflusError } from '@lightflus/api'
import { authError, networkTrouble } from '../../connection-errors.ts'
import { checkedBroker, metadata, type BrokerAddress } from '../protocol/metadata.ts'
import { AccessTokens } from './access-tokens.ts'
import { Broker } from './broker.ts'
import type { Address, ClusterOptions, SaslOptions } from './cluster-options.ts'
import { authenticate, signer } from './sign-in.ts'

/**
 * A broker answers the requests of a connection one after another. Fetches wait there for records, and what is produced
 * for replicas, so they have connections of their own; all else must not wait behind them.
 */
export type Lane = 'fetch' | 'produce' | 'other'

interface Entry {
  readonly broker: Promise<Broker>
  /** When opening it began, milliseconds of the process's clock. */
  readonly begunAt: number
  /** Once it was opened, though it may have failed since. */
  opened?: Broker
  hasFailed?: boolean
  /** When the broker ends the session, milliseconds of the process's clock. */
  expiresAt: number
}

/** Of a session's time it is used for this part. */
const usedPart = 0.8
/** How long an expired connection is kept for what is under way on it, milliseconds. */
const graceMs = 30_000

/** Connections to the brokers of one cluster, opened when they are needed and again when they have failed. */
export class BrokerPool {
  readonly #options: ClusterOptions
  readonly #brokers = new Map<number, Address>()
  readonly #entries = new Map<string, Entry>()
  /** Those whose session is about to end. */
  readonly #retired = new Set<Broker>()
  #tokens: AccessTokens | undefined
  #isClosed = false
  /** Whether a broker has let us in. */
  #hasWorked = false

  constructor(options: ClusterOptions) {
    this.#options = options
  }

  /** Takes over the addresses of a metadata answer. */
  learn(brokers: readonly BrokerAddress[]): void {
    this.#brokers.clear()
    for (const { nodeId, host, port } of brokers) this.#brokers.set(nodeId, { host, port })
  }

  /** What is known of the cluster is wrong: the seeds are asked again. */
  forget(): void {
    this.#brokers.clear()
  }

  /** Takes over addresses that another answer told of, beside those that are known. */
  learnMore(brokers: readonly BrokerAddress[]): void {
    for (const told of brokers) {
      const { nodeId, host, port } = checkedBroker(told)
      this.#brokers.set(nodeId, { host, port })
    }
  }

  /**
   * A connection to any broker: one that is open, else to a broker that was not tried, else to the one whose failure is
   * longest ago. So one that is away, which may take seconds to show, does not hold up every request.
   * @throws what the first try failed with
   */
  async any(): Promise<Broker> {
    let failure: unknown
    const addresses = [...this.#brokers.values(), ...this.#options.seeds]
    const ranked = addresses.map((address) => ({ address, rank: this.#rankOf(address) }))
    for (const { address } of ranked.sort((a, b) => a.rank - b.rank)) {
      try {
        return await this.#brokerAt(address, 'other')
      } catch (thrown) {
        failure ??= thrown
      }
    }
    throw failure
  }

  #rankOf(address: Address): number {
    const entry = this.#entries.get(keyOf(address, 'other'))
    if (entry?.opened?.isOpen) return -1
    return entry?.hasFailed || entry?.opened ? entry.begunAt : 0
  }

  /** @throws what connecting fails with; an Error with code ECONNREFUSED for a node that no broker has told of */
  async broker(nodeId: number, lane: Lane): Promise<Broker> {
    const address = this.#brokers.get(nodeId)
    if (!address)
      throw Object.assign(new Error(`no broker has number ${nodeId} at the moment`), { code: 'ECONNREFUSED' })
    try {
      return await this.#brokerAt(address, lane)
    } catch (thrown) {
      throw this.#isSeed(address) ? thrown : withAdvice(thrown)
    }
  }

  #isSeed(address: Address): boolean {
    return this.#options.seeds.some(({ host, port }) => host === address.host && port === address.port)
  }

  async #brokerAt(address: Address, lane: Lane): Promise<Broker> {
    const key = keyOf(address, lane)
    const known = this.#entries.get(key)
    if (known) {
      const broker = await known.broker.catch(() => undefined)
      if (broker?.isOpen && performance.now() < known.expiresAt) return broker
      if (broker?.isOpen) this.#retire(broker)
      // Another caller may have opened a new one meanwhile.
      if (this.#entries.get(key) !== known) return this.#brokerAt(address, lane)
    }
    const entry: Entry = {
      expiresAt: Infinity,
      begunAt: performance.now(),
      broker: this.#open(address, (expiresAt) => (entry.expiresAt = expiresAt)),
    }
    this.#entries.set(key, entry)
    entry.broker.then(
      (opened) => (entry.opened = opened),
      () => (entry.hasFailed = true),
    )
    return entry.broker
  }

  /** What is under way on it may end. */
  #retire(broker: Broker): void {
    this.#retired.add(broker)
    setTimeout(() => {
      broker.close()
      this.#retired.delete(broker)
    }, graceMs).unref()
  }

  async #open(address: Address, expires: (at: number) => void): Promise<Broker> {
    const broker = await Broker.connect(this.#options, address)
    try {
      if (this.#isClosed) throw Object.assign(new Error('connection closed'), { code: 'ECONNRESET' })
      // From when it was asked on: a busy process may see the answer late.
      const begun = performance.now()
      expires(begun + (await this.#signIn(broker)) * usedPart)
      return broker
    } catch (thrown) {
      broker.close()
      throw thrown
    }
  }

  #tokensFor(sasl: SaslOptions): AccessTokens | undefined {
    if (sasl.mechanism !== 'oauthbearer') return undefined
    const { connection, tls, seeds } = this.#options
    const peer = { connection, system: 'Kafka', address: `${seeds[0]?.host}:${seeds[0]?.port}` } as const
    // A token endpoint of one's own often has a certificate of the same authority as the brokers.
    return (this.#tokens ??= new AccessTokens(peer, sasl, typeof tls?.ca === 'string' ? [tls.ca] : []))
  }

  /** @returns how long the session may last, milliseconds */
  async #signIn(broker: Broker): Promise<number> {
    const { sasl } = this.#options
    try {
      const lifetimeMs = sasl ? await authenticate(broker, sasl, this.#tokensFor(sasl)) : Infinity
      // Anybody may ask for versions; only the next request shows whether one is let in.
      if (!this.#hasWorked) await broker.send(metadata, [])
      this.#hasWorked = true
      return lifetimeMs
    } catch (thrown) {
      // Instead of saying no, brokers may hang up. Once they have let us in, it is an accident.
      if (this.#hasWorked || isLightflusError(thrown) || networkTrouble(thrown)?.trouble !== 'closed') throw thrown
      const what = sasl ? `while ${signer(sasl)} signed in` : 'at the first request; most likely it wants SASL'
      throw authError(broker.peer, `closed the connection ${what}`, thrown)
    }
  }

  close(): void {
    this.#isClosed = true
    for (const { broker } of this.#entries.values())
      broker.then(
        (opened) => opened.close(),
        () => undefined,
      )
    this.#entries.clear()
    for (const broker of this.#retired) broker.close()
    this.#retired.clear()
  }
}

const keyOf = ({ host, port }: Address, lane: Lane): string => `${lane} ${host}:${port}`

function withAdvice(thrown: unknown): unknown {
  if (!isLightflusError(thrown)) return thrown
  return new LightflusError(thrown.code, `${thrown.message}; the cluster itself gave this address`, {
    details: thrown.details,
    nextStep: 'Make the brokers reachable at the addresses they announce, or mend their advertised.listeners.',
    cause: thrown.cause,
  })
}
