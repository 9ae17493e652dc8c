import { ApiException } from '@kubernetes/client-node'
import { isLightflusError, LightflusError } from '@lightflus/api'

/** The part of a Kubernetes Status that says what was wrong. */
interface Status {
  readonly reason?: string
  readonly message?: string
  readonly details?: { readonly causes?: readonly { reason?: string; field?: string; message?: string }[] }
}

/**
 * A failed call on the API server, as an error by code: what was to be done, and what the server said. Neither the
 * request nor the headers get into it, since they hold secrets.
 */
export function clusterError(what: string, thrown: unknown): LightflusError {
  if (isLightflusError(thrown)) return thrown
  const options = { details: { status: statusCodeOf(thrown) } }
  if (!(thrown instanceof ApiException))
    return new LightflusError('LF_PROVISIONER_UNREACHABLE', `Could not ${what}: ${transportReason(thrown)}.`, {
      ...options,
      cause: thrown,
    })
  const status = statusOf(thrown)
  const message = `Could not ${what}: ${sentence(status, thrown.code)}.`
  if (thrown.code === 403 && /exceeded quota|maximum .* usage per/.test(status.message ?? ''))
    return new LightflusError('LF_PROVISIONER_QUOTA', message, options)
  if (thrown.code === 401 || thrown.code === 403)
    return new LightflusError('LF_PROVISIONER_FORBIDDEN', message, options)
  if (thrown.code === 409 && conflictsOf(status).length > 0)
    return new LightflusError('LF_PROVISIONER_CONFLICT', message, options)
  if (thrown.code === 429 || thrown.code >= 500)
    return new LightflusError('LF_PROVISIONER_UNREACHABLE', message, options)
  return new LightflusError('LF_PROVISIONER_FAILED', message, options)
}

/** The HTTP status with which a call was refused; null where there was no answer. */
export function statusCodeOf(thrown: unknown): number | null {
  if (thrown instanceof ApiException) return thrown.code
  return isLightflusError(thrown) && typeof thrown.details.status === 'number' ? thrown.details.status : null
}

/** Without the end of a sentence, which the caller sets. A conflict names each field and who holds it. */
function sentence(status: Status, code: number): string {
  const conflicts = conflictsOf(status)
  const said = conflicts.length > 0 ? conflicts.join(', ') : (status.message ?? `status ${code}`)
  return said.replace(/\.$/, '')
}

function conflictsOf(status: Status): string[] {
  const causes = status.details?.causes ?? []
  return causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field, message }) => `${field}: ${message}`)
}

function statusOf({ body }: ApiException<unknown>): Status {
  if (typeof body !== 'string') return (body ?? {}) as Status
  try {
    return (JSON.parse(body) ?? {}) as Status
  } catch {
    // A proxy in between answers in prose or HTML, which helps nobody.
    return {}
  }
}

/** Why no answer came. What the system said lies beneath what the library says, which is only that it failed. */
function transportReason(thrown: unknown): string {
  const { name, message, cause } = (thrown ?? {}) as { name?: string; message?: string; cause?: SystemError }
  if (name === 'TimeoutError') return 'Kubernetes did not answer in time'
  const said = cause?.message || cause?.code || message || String(thrown)
  return said.replace(/\.$/, '')
}

interface SystemError {
  readonly code?: string
  readonly message?: string
}
