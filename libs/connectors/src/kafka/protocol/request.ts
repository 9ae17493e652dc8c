import { errorDefinitions } from './generated/error-definitions.ts'
import type { MessageCodec } from './message-codec.ts'
import type { WireReader, WireWriter } from './wire.ts'

/** Largest answer that is believed, bytes: fetches ask for far less, but a single batch may be larger than asked for. */
export const answerBytesMax = 128 * 1024 * 1024

/** One request of Kafka's protocol at one version, in our terms. */
export interface KafkaRequest<Request, Response> {
  readonly name: string
  readonly key: number
  readonly version: number
  /** Whether the headers of the request and of its answer end in tagged fields. */
  readonly isFlexible: boolean
  /** Largest answer that is believed, bytes. Default: {@link answerBytesMax}. */
  readonly answerBytesMax?: number
  readonly encode: (writer: WireWriter, request: Request) => void
  readonly decode: (reader: WireReader) => Response
}

/** A request of Kafka's protocol in every version that is known here. Which one is used is agreed on with the broker. */
export interface KafkaCall<Request, Response> {
  readonly name: string
  readonly key: number
  /** Oldest first. */
  readonly versions: readonly number[]
  /** The request at one of the versions. */
  at(version: number): KafkaRequest<Request, Response>
}

export interface CallOptions<Request, Response, WireRequest, WireResponse> {
  readonly toWire: (request: Request, version: number) => WireRequest
  readonly fromWire: (response: WireResponse, version: number) => Response
  /** Largest answer that is believed, bytes. Default: {@link answerBytesMax}. */
  readonly answerBytesMax?: number
}

/** Number of ApiVersions, whose answer must be understood by those who do not know its version. */
const apiVersionsKey = 18
const unsupportedVersion = 35

/** A request in our terms, on top of its generated form. */
export function kafkaCall<Request, Response, WireRequest, WireResponse>(
  codec: MessageCodec<WireRequest, WireResponse>,
  { toWire, fromWire, answerBytesMax }: CallOptions<Request, Response, WireRequest, WireResponse>,
): KafkaCall<Request, Response> {
  const { name, key, versions } = codec
  const requestAt = (version: number): KafkaRequest<Request, Response> => {
    const isFlexible = version >= codec.flexibleSince
    const hasPlainAnswer = key === apiVersionsKey
    return {
      name,
      key,
      version,
      isFlexible: isFlexible && !hasPlainAnswer,
      ...(answerBytesMax === undefined ? {} : { answerBytesMax }),
      encode: (writer, request) => {
        // What is missing of the header where only the request's is flexible.
        if (isFlexible && hasPlainAnswer) writer.noTags()
        codec.writeRequest(writer, toWire(request, version), version)
      },
      decode: (reader) => {
        const answered = hasPlainAnswer && peekInt16(reader) === unsupportedVersion ? 0 : version
        return fromWire(codec.readResponse(reader, answered), version)
      },
    }
  }
  const known = new Map<number, KafkaRequest<Request, Response>>()
  const at = (version: number) => {
    const found = known.get(version) ?? requestAt(version)
    known.set(version, found)
    return found
  }
  return { name, key, versions, at }
}

/** A request just as it is generated. */
export const plainCall = <Request, Response>(codec: MessageCodec<Request, Response>): KafkaCall<Request, Response> =>
  kafkaCall(codec, { toWire: (request: Request) => request, fromWire: (response: Response) => response })

function peekInt16(reader: WireReader): number {
  const { position } = reader
  const value = reader.int16()
  reader.position = position
  return value
}

type ErrorName = keyof typeof errorDefinitions

/** The error codes of the protocol. */
export const errorCode = Object.fromEntries(Object.entries(errorDefinitions).map(([name, [code]]) => [name, code])) as {
  readonly [Name in ErrorName]: (typeof errorDefinitions)[Name][0]
}

const byCode = new Map<number, (typeof errorDefinitions)[ErrorName]>(
  Object.values(errorDefinitions).map((definition) => [definition[0], definition]),
)

/** The name that Kafka's documentation gives an error code. */
export const errorName = (code: number): string => byCode.get(code)?.[1] ?? `error code ${code}`

/** Codes that Kafka's own client takes for the end, or handles elsewhere, but which pass. */
const passingToo = new Set<number>([
  // The broker's own trouble, such as a disk or a neighbour that is busy.
  errorCode.unknownServerError,
  // It is about to stop, or has only just begun.
  errorCode.brokerNotAvailable,
  // What is known of the cluster is out of date: it is asked for at the first addresses again.
  errorCode.rebootstrapRequired,
])

/** Whether the same request may well succeed a little later, most often at another broker. */
export const isTransient = (code: number): boolean => passingToo.has(code) || byCode.get(code)?.[2] === true

/** An error code that a broker answered with. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly errorCode: number

  constructor(what: string, errorCode: number, brokerMessage?: string | null) {
    super(`${what}: ${errorName(errorCode)}${brokerMessage ? ` (${brokerMessage})` : ''}`)
    this.errorCode = errorCode
  }
}
