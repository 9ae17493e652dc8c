import type { V1ContainerStatus, V1Pod, V1StatefulSet } from '@kubernetes/client-node'
import { settingsAnnotation } from './names.ts'
import { presenceOf } from './worker-presence.ts'

const settings = 'those of now'
const set: V1StatefulSet = { metadata: { name: 'worker-1' } }
const leaving = new Date(0)

function pod(status: Partial<V1ContainerStatus> | null, more: Partial<V1Pod> = {}): V1Pod {
  const container = { name: 'worker', image: 'worker:2', imageID: '', ready: false, restartCount: 0, ...status }
  return {
    metadata: { annotations: { [settingsAnnotation]: settings } },
    status: status ? { phase: 'Running', containerStatuses: [container] } : { phase: 'Pending' },
    ...more,
  }
}

const running = { state: { running: {} } }
const waiting = (reason: string, message?: string) => ({
  state: { waiting: { reason, ...(message ? { message } : {}) } },
})
const terminated = (exitCode: number, reason = 'Error') => ({ terminated: { exitCode, reason } })
const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }]

// StatefulSet, pod → presence, detail
const cases: readonly [string, V1StatefulSet | null, V1Pod | null, string, string | null][] = [
  ['nothing', null, null, 'absent', null],
  ['placed', set, null, 'starting', 'waits for its pod'],
  ['unscheduled', set, pod(null, { status: { phase: 'Pending', conditions } }), 'starting', 'Unschedulable: 0/3 nodes'],
  ['being made', set, pod(waiting('ContainerCreating')), 'starting', null],
  ['no image', set, pod(waiting('ImagePullBackOff', 'not found')), 'starting', 'ImagePullBackOff: not found'],
  ['running', set, pod(running), 'running', null],
  [
    'running again',
    set,
    pod({ ...running, restartCount: 2, lastState: terminated(137, 'OOMKilled') }),
    'running',
    'started again 2 times, last after exit code 137 (OOMKilled)',
  ],
  ['over', set, pod({ state: terminated(137, 'OOMKilled') }), 'ended', 'exit code 137 (OOMKilled)'],
  ['over well', set, pod({ state: terminated(0, 'Completed') }), 'ended', 'exit code 0'],
  ['crashing', set, pod({ ...waiting('CrashLoopBackOff'), lastState: terminated(3) }), 'ended', 'exit code 3'],
  [
    'by a signal',
    set,
    pod({ state: { terminated: { exitCode: 139, signal: 11, reason: 'Error' } } }),
    'ended',
    'signal 11',
  ],
  [
    'evicted',
    set,
    pod(null, { status: { phase: 'Failed', reason: 'Evicted', message: 'low on disk' } }),
    'ended',
    'Evicted: low on disk',
  ],
  ['moved', set, pod(running, { metadata: { deletionTimestamp: leaving } }), 'running', 'its pod is being moved'],
  [
    'replaced',
    set,
    pod({ state: terminated(3) }, { metadata: { deletionTimestamp: leaving } }),
    'starting',
    'waits for its next pod',
  ],
  ['removed', { metadata: { deletionTimestamp: leaving } }, pod(running), 'ended', 'is being removed'],
  ['left behind', null, pod(running), 'ended', 'is being removed'],
]

describe('the presence of a worker', () => {
  test.each(cases)('%s', (_name, statefulSet, seen, presence, detail) => {
    expect(presenceOf({ statefulSet, pod: seen }, settings)).toEqual({ presence, detail })
  })

  test('tells since when it runs', () => {
    const startedAt = new Date('2026-11-23T10:15:00Z')
    const seen = pod({ state: { running: { startedAt } } })
    expect(presenceOf({ statefulSet: set, pod: seen }, settings)).toEqual({
      presence: 'running',
      detail: null,
      runningSince: startedAt.getTime(),
    })
  })

  test('is over for a pod that cannot start by settings that are not the platform’s any more, and only then', () => {
    const stuck = { statefulSet: set, pod: pod(waiting('ErrImagePull', 'not found')) }
    expect(presenceOf(stuck, 'others')).toEqual({
      presence: 'ended',
      detail: 'ErrImagePull: not found; the platform’s settings are others by now',
    })
    const homeless = { statefulSet: set, pod: pod(null, { status: { phase: 'Pending', conditions } }) }
    expect(presenceOf(homeless, 'others').presence).toBe('ended')
    for (const fine of [running, waiting('ContainerCreating')])
      expect(presenceOf({ statefulSet: set, pod: pod(fine) }, 'others').presence).not.toBe('ended')
  })
})
