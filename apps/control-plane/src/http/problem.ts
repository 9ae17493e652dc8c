import { catalogue, isLightflusError, LightflusError, type ErrorCode, type PlatformErrorCode } from '@lightflus/api'
import { ingestStatus } from '@lightflus/connectors'
import type { Problem } from '@lightflus/contracts'
import { HttpException } from '@nestjs/common'
import { isDatabaseDown } from '../database/database-error.ts'
import { bodyBytesMax } from './body-limits.ts'
import { ListedError } from './listed-error.ts'

/** The HTTP status of every code that the control plane answers with. A new code does not compile without one. */
const statusByCode = {
  LF_INTERNAL: 500,
  LF_REQUEST_INVALID: 400,
  LF_REQUEST_TOO_LARGE: 413,
  LF_ROUTE_UNKNOWN: 404,
  LF_CURSOR_INVALID: 400,
  LF_UNAUTHENTICATED: 401,
  LF_TOKEN_EXPIRED: 401,
  LF_CREDENTIALS_WRONG: 401,
  LF_TENANT_AMBIGUOUS: 409,
  LF_SESSION_ENDED: 401,
  LF_SESSION_REUSED: 401,
  LF_FORBIDDEN: 403,
  LF_RATE_LIMITED: 429,
  LF_QUOTA_EXCEEDED: 403,
  LF_IDEMPOTENCY_MISMATCH: 422,
  LF_IDEMPOTENCY_IN_PROGRESS: 409,
  LF_JOB_NOT_FOUND: 404,
  LF_JOB_NAME_MISMATCH: 422,
  LF_JOB_NOT_DEPLOYED: 409,
  LF_JOB_STATE: 409,
  LF_JOB_NOT_ENDED: 409,
  LF_WORKERS_EXCHANGE: 422,
  LF_WORKERS_SLOTS: 422,
  LF_VERSION_NOT_FOUND: 404,
  LF_RESTORE_UNKNOWN: 409,
  LF_CONNECTION_NOT_FOUND: 404,
  LF_CONNECTION_KIND: 422,
  LF_CONNECTION_IN_USE: 409,
  LF_CONNECTION_ADDRESS: 422,
  LF_API_KEY_NOT_FOUND: 404,
  LF_TENANT_EXISTS: 409,
  LF_USER_NOT_FOUND: 404,
  LF_WORKER_UNKNOWN: 401,
  LF_WORKER_LOST: 500,
  LF_PROVISIONER_FAILED: 503,
  LF_PROVISIONER_QUOTA: 503,
  LF_PROVISIONER_FORBIDDEN: 503,
  LF_PROVISIONER_CONFLICT: 503,
  LF_PROVISIONER_UNREACHABLE: 503,
  LF_QUEUE_UNREACHABLE: 503,
  LF_CONFIG_INVALID: 500,
  LF_DATABASE_UNREACHABLE: 503,
  LF_DATABASE_NEWER: 503,
  LF_DATABASE_DIVERGED: 503,
  LF_DATABASE_NOT_MIGRATED: 503,
  LF_DATABASE_MIGRATION: 503,
  LF_DATABASE_ROLE: 503,
  LF_PLATFORM_UNREACHABLE: 502,
  LF_PLATFORM_ANSWER: 502,
  LF_CONSOLE_FAULT: 500,
  LF_PROGRAM_INVALID: 422,
} satisfies Record<PlatformErrorCode, number>

/** Codes of other parts (compiler, connectors, runtime) are told apart by who has to act. */
const statusByDomain = { user: 422, external: 502, internal: 500 } as const
const statusOfOthers: Partial<Record<ErrorCode, number>> = { ...ingestStatus, LF_COMPILER_BUSY: 503 }

export function statusOf(code: ErrorCode): number {
  return (
    (statusByCode as Partial<Record<ErrorCode, number>>)[code] ??
    statusOfOthers[code] ??
    statusByDomain[catalogue[code].domain]
  )
}

/**
 * What was thrown, as an error that may be shown. Whatever was not thrown on purpose becomes LF_INTERNAL, whose
 * message tells nothing of it.
 */
export function errorToShow(
  thrown: unknown,
  request: { readonly method: string; readonly path: string },
): LightflusError {
  if (isLightflusError(thrown)) return thrown
  const status = thrown instanceof HttpException ? thrown.getStatus() : (thrown as { status?: unknown } | null)?.status
  const options = { cause: thrown }
  if (status === 404)
    return new LightflusError('LF_ROUTE_UNKNOWN', `There is no ${request.method} ${request.path}.`, options)
  if (status === 413)
    return new LightflusError(
      'LF_REQUEST_TOO_LARGE',
      `The body is larger than ${bodyBytesMax / 1_048_576} MiB.`,
      options,
    )
  if (status === 400) return new LightflusError('LF_REQUEST_INVALID', 'The body is not JSON.', options)
  if (isDatabaseDown(thrown))
    return new LightflusError('LF_DATABASE_UNREACHABLE', 'The platform’s database does not answer.', options)
  return new LightflusError('LF_INTERNAL', 'The platform failed while handling this request.', options)
}

export function problemOf(error: LightflusError, requestId: string): Problem {
  return {
    type: `https://lightflus.dev/errors/${error.code}`,
    title: catalogue[error.code].meaning,
    status: statusOf(error.code),
    detail: error.message,
    code: error.code,
    nextStep: error.nextStep,
    requestId,
    ...(error instanceof ListedError ? { errors: [...error.problems] } : {}),
  }
}
