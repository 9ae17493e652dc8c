import { ApiException } from '@kubernetes/client-node'
import { LightflusError } from '@lightflus/api'
import { clusterError, statusCodeOf } from './cluster-error.ts'

const refused = (code: number, body: unknown) =>
  new ApiException(code, 'Unsuccessful HTTP Request', typeof body === 'string' ? body : JSON.stringify(body), {
    authorization: 'secret',
  })
const quota = 'pods "worker-0" is forbidden: exceeded quota: tenant, requested: pods=1, used: pods=1, limited: pods=1'
const conflict = {
  reason: 'Conflict',
  message: 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas',
  details: {
    causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.spec.replicas' }],
  },
}

test.each([
  [refused(403, { message: quota }), 'LF_PROVISIONER_QUOTA', `Could not place Pod a/b: ${quota}.`],
  [refused(403, { message: 'no' }), 'LF_PROVISIONER_FORBIDDEN', 'Could not place Pod a/b: no.'],
  [refused(401, { message: 'Unauthorized' }), 'LF_PROVISIONER_FORBIDDEN', 'Could not place Pod a/b: Unauthorized.'],
  [
    refused(409, conflict),
    'LF_PROVISIONER_CONFLICT',
    'Could not place Pod a/b: .spec.replicas: conflict with "kubectl".',
  ],
  [refused(409, { message: 'already exists' }), 'LF_PROVISIONER_FAILED', 'Could not place Pod a/b: already exists.'],
  [
    refused(422, { message: 'Pod "x" is invalid.' }),
    'LF_PROVISIONER_FAILED',
    'Could not place Pod a/b: Pod "x" is invalid.',
  ],
  [refused(503, '<html>'), 'LF_PROVISIONER_UNREACHABLE', 'Could not place Pod a/b: status 503.'],
  [refused(429, { message: 'slow down' }), 'LF_PROVISIONER_UNREACHABLE', 'Could not place Pod a/b: slow down.'],
  [
    new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 10.0.0.1:443') }),
    'LF_PROVISIONER_UNREACHABLE',
    'Could not place Pod a/b: connect ECONNREFUSED 10.0.0.1:443.',
  ],
  [
    AbortSignal.abort(new DOMException('', 'TimeoutError')).reason,
    'LF_PROVISIONER_UNREACHABLE',
    'Could not place Pod a/b: Kubernetes did not answer in time.',
  ],
])('what an API server answered has its code and its reason: %#', (thrown, code, message) => {
  const error = clusterError('place Pod a/b', thrown)
  expect(error).toMatchObject({ code, message })
  expect(statusCodeOf(error)).toBe(thrown instanceof ApiException ? thrown.code : null)
  expect(JSON.stringify(error)).not.toContain('secret')
})

test('an error by code stays what it is', () => {
  const known = new LightflusError('LF_PROVISIONER_CONFLICT', 'x')
  expect(clusterError('place it', known)).toBe(known)
})
