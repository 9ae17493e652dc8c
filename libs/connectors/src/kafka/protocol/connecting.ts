import { apiVersionsCodec } from './generated/api-versions.ts'
import { saslAuthenticateCodec } from './generated/sasl-authenticate.ts'
import { saslHandshakeCodec } from './generated/sasl-handshake.ts'
import { kafkaCall } from './request.ts'

/** Largest answer of one that has not shown yet who it is, bytes: real ones take a few hundred. */
const answerBytesMax = 64 * 1024

/** The oldest and the newest version of a request that a broker speaks. */
export interface SpokenVersions {
  readonly oldest: number
  readonly newest: number
}

/** What a broker can do. */
export interface ApiVersions {
  readonly error: number
  /** By the request's key. */
  readonly spoken: ReadonlyMap<number, SpokenVersions>
  /** Level of each feature that the cluster has agreed on, such as `transaction.version`; those at 0 may be left out. */
  readonly features: ReadonlyMap<string, number>
}

export const apiVersions = kafkaCall(apiVersionsCodec, {
  answerBytesMax,
  toWire: (_request: undefined) => ({ clientSoftwareName: 'lightflus', clientSoftwareVersion: '0.1' }),
  fromWire: ({ errorCode, apiKeys, finalizedFeatures }): ApiVersions => ({
    error: errorCode,
    spoken: new Map(apiKeys.map((api) => [api.apiKey, { oldest: api.minVersion, newest: api.maxVersion }])),
    features: new Map(finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel])),
  }),
})

/** Asks for a mechanism. */
export const saslHandshake = kafkaCall(saslHandshakeCodec, {
  answerBytesMax,
  toWire: (mechanism: string) => ({ mechanism }),
  fromWire: ({ errorCode, mechanisms }) => ({ error: errorCode, mechanisms }),
})

export interface SaslAnswer {
  readonly error: number
  readonly message: string | null
  readonly bytes: Buffer
  /** Milliseconds after which the broker wants to be asked anew; 0: never. */
  readonly sessionLifetimeMs: number
}

export const saslAuthenticate = kafkaCall(saslAuthenticateCodec, {
  answerBytesMax,
  toWire: (authBytes: Uint8Array) => ({ authBytes }),
  fromWire: ({ errorCode, errorMessage, authBytes, sessionLifetimeMs }): SaslAnswer => ({
    error: errorCode,
    message: errorMessage,
    bytes: authBytes,
    sessionLifetimeMs,
  }),
})
