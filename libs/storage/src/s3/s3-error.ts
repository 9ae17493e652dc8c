import { isLightflusError, LightflusError, type ErrorCode } from '@lightflus/api'

/** What is known of an error that the SDK threw. */
interface SdkError {
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number }
}

interface Meaning {
  readonly code: ErrorCode
  readonly reason?: string
  readonly nextStep?: string
}

const rights =
  'Let the credentials read, write, delete and list the prefix that is named: s3:GetObject, s3:PutObject, ' +
  's3:DeleteObject on the objects, s3:ListBucket on the bucket.'
const otherCredentials =
  'Give the process credentials that the store knows: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role.'
const region = 'Name the region of the bucket: ?region=… at the end of the location, or AWS_REGION.'

/** By the names that S3 and stores like it give their errors (S3 API reference, "Error responses"). */
const byName: Readonly<Record<string, Meaning>> = {
  NoSuchBucket: { code: 'LF_STORAGE_MISSING' },
  AccessDenied: { code: 'LF_STORAGE_DENIED', nextStep: rights },
  AllAccessDisabled: { code: 'LF_STORAGE_DENIED', nextStep: rights },
  AccountProblem: {
    code: 'LF_STORAGE_DENIED',
    nextStep: 'Look at the state of the account with the store’s provider.',
  },
  InvalidAccessKeyId: { code: 'LF_STORAGE_DENIED', nextStep: otherCredentials },
  SignatureDoesNotMatch: {
    code: 'LF_STORAGE_DENIED',
    reason: 'the secret key is not the one of the access key',
    nextStep: otherCredentials,
  },
  ExpiredToken: {
    code: 'LF_STORAGE_DENIED',
    nextStep: 'Renew the temporary credentials, or use a role that renews them.',
  },
  InvalidToken: { code: 'LF_STORAGE_DENIED', nextStep: otherCredentials },
  CredentialsProviderError: {
    code: 'LF_STORAGE_DENIED',
    reason: 'no credentials were found',
    nextStep: otherCredentials,
  },
  RequestTimeTooSkewed: {
    code: 'LF_STORAGE_DENIED',
    reason: 'the clock of this machine differs from the store’s by more than the 15 minutes that a signature allows',
    nextStep: 'Set the clock of this machine, and keep it by NTP.',
  },
  PermanentRedirect: { code: 'LF_STORAGE_LOCATION', reason: 'the bucket is in another region', nextStep: region },
  AuthorizationHeaderMalformed: { code: 'LF_STORAGE_LOCATION', nextStep: region },
  IllegalLocationConstraintException: { code: 'LF_STORAGE_LOCATION', nextStep: region },
  EntityTooLarge: {
    code: 'LF_STORAGE_FULL',
    reason: 'the file is larger than the store takes in one piece, which on S3 is 5 GiB',
    nextStep: 'Give the job more slots: each subtask’s share of the state is a file of its own.',
  },
  QuotaExceeded: { code: 'LF_STORAGE_FULL' },
  XMinioStorageFull: { code: 'LF_STORAGE_FULL' },
  XMinioAdminBucketQuotaExceeded: { code: 'LF_STORAGE_FULL' },
  NotImplemented: { code: 'LF_STORAGE_UNSUPPORTED', reason: 'the store does not know what was asked' },
}

const network = new Set(
  (
    'ECONNREFUSED ECONNRESET ENOTFOUND EAI_AGAIN EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH EADDRNOTAVAIL ' +
    'CERT_HAS_EXPIRED DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE ' +
    'ERR_TLS_CERT_ALTNAME_INVALID EPROTO'
  ).split(' '),
)

function meaningOf(error: SdkError): Meaning {
  const known = byName[error.name ?? ''] ?? byName[error.code ?? '']
  if (known) return known
  const { name = '', code = '', message = '' } = error
  if (network.has(code) || network.has(name)) return { code: 'LF_STORAGE_UNREACHABLE' }
  if (name === 'TimeoutError' || name === 'AbortError')
    return { code: 'LF_STORAGE_UNREACHABLE', reason: 'the store did not answer in time' }
  if (message === 'Region is missing')
    return { code: 'LF_STORAGE_LOCATION', reason: 'no region is named', nextStep: region }
  return byStatus(error.$metadata?.httpStatusCode)
}

function byStatus(status: number | undefined): Meaning {
  if (status === 401 || status === 403) return { code: 'LF_STORAGE_DENIED', nextStep: rights }
  if (status === 507) return { code: 'LF_STORAGE_FULL' }
  if (status === 501) return { code: 'LF_STORAGE_UNSUPPORTED' }
  // 503 is S3's "slow down": the SDK has tried again and again by now.
  return { code: 'LF_STORAGE_FAILED' }
}

/**
 * What an error of the SDK means for checkpoint storage.
 * @param doing what was tried, as the beginning of a sentence: `Writing log/0000000001 to s3://bucket/orders`.
 */
export function s3Error(doing: string, thrown: unknown): LightflusError {
  if (isLightflusError(thrown)) return thrown
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }) as SdkError
  const { code, reason, nextStep } = meaningOf(error)
  const name = error.name ?? 'Error'
  const said =
    error.message || (thrown instanceof AggregateError && String(thrown.errors[0]?.message)) || error.code || name
  // The SDK's own error carries what was signed, and by which key: no more of it than this goes into logs.
  const cause = Object.assign(new Error(said), { name })
  return new LightflusError(
    code,
    `${doing} failed: ${reason ?? said} (${name === 'Error' ? (error.code ?? name) : name}).`,
    {
      cause,
      details: {
        error: name,
        status: error.$metadata?.httpStatusCode,
        request: error.$metadata?.requestId,
        tries: error.$metadata?.attempts,
      },
      ...(nextStep === undefined ? {} : { nextStep }),
    },
  )
}

export const isNamed = (thrown: unknown, ...names: readonly string[]): boolean =>
  names.includes((thrown as SdkError | null)?.name ?? '')

export const statusOf = (thrown: unknown): number | undefined => (thrown as SdkError | null)?.$metadata?.httpStatusCode
