import { createHash } from 'node:crypto'
import { isLightflusError, LightflusError } from '@lightflus/api'
import { syncResponseSchema, type Assignment, type SyncRequest, type SyncResponse } from '@lightflus/contracts'

/** How long one call may take. Above it the control plane counts as away until the next sync. */
const callMsMax = 15_000

export interface ControlPlane {
  /**
   * @throws LF_WORKER_REFUSED when the token is no longer good: the worker is to end.
   * @throws LF_PLATFORM_UNREACHABLE when nothing useful answers: the worker goes on alone.
   */
  sync(request: SyncRequest): Promise<SyncResponse>
  /** @throws as sync, and LF_WORKER_BUNDLE when what came is not what the assignment names. */
  bundle(assignment: Pick<Assignment, 'bundlePath' | 'bundleSha256' | 'jobName'>): Promise<Buffer>
}

export function controlPlaneAt(url: string, token: string): ControlPlane {
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    let response: Response
    try {
      response = await fetch(`${url}${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(callMsMax),
      })
    } catch (cause) {
      throw new LightflusError('LF_PLATFORM_UNREACHABLE', `Nothing answers at ${url}.`, { cause })
    }
    if (response.ok) return response
    await response.body?.cancel()
    if (response.status === 401 || response.status === 403)
      throw new LightflusError('LF_WORKER_REFUSED', `The control plane refused this worker (${response.status}).`)
    throw new LightflusError('LF_PLATFORM_UNREACHABLE', `${url}${path} answered ${response.status}.`)
  }
  return {
    async sync(request) {
      const response = await call('/worker/v1/sync', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      })
      try {
        return syncResponseSchema.parse(await response.json())
      } catch (cause) {
        throw new LightflusError('LF_PLATFORM_UNREACHABLE', `${url} answered a sync with something else.`, { cause })
      }
    },
    async bundle({ bundlePath, bundleSha256, jobName }) {
      const response = await call(bundlePath, { method: 'GET' })
      const bytes = Buffer.from(await response.arrayBuffer().catch(unreachable(url)))
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      if (sha256 !== bundleSha256)
        throw new LightflusError(
          'LF_WORKER_BUNDLE',
          `The bundle of job ${jobName} has hash ${sha256}, not ${bundleSha256}.`,
          {
            details: { job: jobName },
          },
        )
      return bytes
    },
  }
}

const unreachable = (url: string) => (cause: unknown) => {
  throw new LightflusError('LF_PLATFORM_UNREACHABLE', `${url} broke off in its answer.`, { cause })
}

export const isRefusal = (error: unknown): boolean => isLightflusError(error) && error.code === 'LF_WORKER_REFUSED'
