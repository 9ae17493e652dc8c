import { isLightflusError, LightflusError } from '@lightflus/api'
import { at, connectError, type Peer } from '../../connection-errors.ts'
import { apiVersions, type ApiVersions } from '../protocol/connecting.ts'
import { fetch } from '../protocol/fetch.ts'
import { metadata } from '../protocol/metadata.ts'
import { findCoordinator, listOffsets } from '../protocol/offsets.ts'
import { produce } from '../protocol/produce.ts'
import { errorCode, errorName, type KafkaCall } from '../protocol/request.ts'
import { BrokerSocket, type Sending } from './broker-socket.ts'
import type { Address, ClusterOptions } from './cluster-options.ts'

export interface SendOptions extends Sending {
  /** A newer version is not to be used. Default: the newest that is known here. */
  readonly versionMax?: number
}

/** What every broker must speak; the rest is missed only when it is used. */
const needed: readonly KafkaCall<never, unknown>[] = [fetch, metadata, produce, listOffsets, findCoordinator]

/** A broker that told which versions of the requests it speaks: each is sent in the newest that both know. */
export class Broker {
  readonly #socket: BrokerSocket
  readonly #can: ApiVersions

  private constructor(socket: BrokerSocket, can: ApiVersions) {
    this.#socket = socket
    this.#can = can
  }

  /** @throws LF_CONNECTION_*, LF_KAFKA_VERSION */
  static async connect(options: ClusterOptions, address: Address): Promise<Broker> {
    const socket = await BrokerSocket.connect(options, address)
    try {
      const broker = new Broker(socket, await whatItCan(socket))
      for (const call of needed) broker.versionOf(call)
      return broker
    } catch (thrown) {
      socket.close()
      throw isLightflusError(thrown) ? thrown : (connectError(thrown, socket.peer) ?? thrown)
    }
  }

  get peer(): Peer {
    return this.#socket.peer
  }

  get isOpen(): boolean {
    return this.#socket.isOpen
  }

  /** The level of a feature of the cluster, such as `transaction.version`; 0 where it has none. */
  feature(name: string): number {
    return this.#can.features.get(name) ?? 0
  }

  /** The version in which a request is sent. @throws LF_KAFKA_VERSION */
  versionOf({ name, key, versions }: KafkaCall<never, unknown>, versionMax = Infinity): number {
    const spoken = this.#can.spoken.get(key)
    const usable = versions.filter((version) => version <= versionMax)
    const version = usable.findLast((one) => spoken && one >= spoken.oldest && one <= spoken.newest)
    if (version !== undefined) return version
    const speaks = spoken
      ? `speaks ${name} in versions ${spoken.oldest} to ${spoken.newest}`
      : `does not speak ${name} at all`
    throw versionError(this.peer, `${speaks}; ${usable.join(' or ')} is needed`)
  }

  /** @throws what the connection failed with, LF_KAFKA_PROTOCOL, LF_KAFKA_VERSION */
  async send<Request, Response>(
    call: KafkaCall<Request, Response>,
    request: Request,
    { versionMax, ...sending }: SendOptions = {},
  ): Promise<Response> {
    return this.#socket.send(call.at(this.versionOf(call, versionMax)), request, sending)
  }

  close(): void {
    this.#socket.close()
  }
}

/** Asks in the newest version; who does not know that one says so in the oldest, which is then asked for. */
async function whatItCan(socket: BrokerSocket): Promise<ApiVersions> {
  const newest = await socket.send(apiVersions.at(apiVersions.versions.at(-1)!), undefined)
  const can =
    newest.error === errorCode.unsupportedVersion
      ? await socket.send(apiVersions.at(apiVersions.versions[0]!), undefined)
      : newest
  if (can.error === errorCode.none) return can
  throw versionError(socket.peer, `answered ApiVersions with ${errorName(can.error)}`)
}

const versionError = (peer: Peer, what: string): LightflusError =>
  new LightflusError('LF_KAFKA_VERSION', `${at(peer)} ${what}`, { details: { connection: peer.connection } })
