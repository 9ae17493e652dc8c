import type * as S3Sdk from '@aws-sdk/client-s3'

/** How a store is reached, and as whom. */
export interface S3Access {
  /** Absent: AWS_REGION or what the profile says; `us-east-1` where an endpoint is given. */
  readonly region?: string
  readonly endpoint?: string
  readonly pathStyle?: boolean
  /** Absent: what the SDK finds in the environment, profiles, web identity or the machine's metadata service. */
  readonly credentials?: S3Credentials
  readonly limits?: Partial<S3Limits>
}

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** How patient the driver is. */
export interface S3Limits {
  /** Tries of one request, the first included; pauses between them grow from 0.1 s to 20 s, with jitter. Default 6. */
  readonly triesMax: number
  /** Time to connect, milliseconds. Default 5,000. */
  readonly connectMsMax: number
  /** How long a connection may carry nothing before the request counts as lost, milliseconds. Default 20,000. */
  readonly silenceMsMax: number
  /** How long a call may take with all of its tries, milliseconds. Default 300,000. */
  readonly callMsMax: number
}

export const defaultLimits: S3Limits = {
  triesMax: 6,
  connectMsMax: 5_000,
  silenceMsMax: 20_000,
  callMsMax: 300_000,
}

/** The part of the SDK that the driver uses. Loaded by the first call: a run that keeps its state elsewhere pays nothing. */
export type Sdk = typeof S3Sdk

export interface S3Connection {
  readonly sdk: Sdk
  readonly client: S3Sdk.S3Client
}

/** Deployments of one process share connections where they share everything else. */
const connections = new Map<string, Promise<S3Connection>>()

export function connect(access: S3Access): Promise<S3Connection> {
  const { region, endpoint, pathStyle, credentials, limits } = access
  const key = JSON.stringify([region, endpoint, pathStyle, credentials, limits])
  let connection = connections.get(key)
  if (!connection) {
    connection = load(access)
    connections.set(key, connection)
    // What could not be loaded is tried again by the next call.
    connection.catch(() => connections.delete(key))
  }
  return connection
}

async function load(access: S3Access): Promise<S3Connection> {
  const sdk = await import('@aws-sdk/client-s3')
  const { triesMax, connectMsMax, silenceMsMax } = { ...defaultLimits, ...access.limits }
  const endpoint = access.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL
  const region = access.region ?? (endpoint && !process.env.AWS_REGION ? 'us-east-1' : undefined)
  const client = new sdk.S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(access.credentials === undefined ? {} : { credentials: access.credentials }),
    forcePathStyle: access.pathStyle ?? endpoint !== undefined,
    followRegionRedirects: access.endpoint === undefined,
    maxAttempts: triesMax,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: connectMsMax, socketTimeout: silenceMsMax },
  })
  return { sdk, client }
}
