import { readConfig } from '../config/config.ts'
import { checkpointLocation, tenantCheckpointLocation } from '../deployments/checkpoint-location.ts'
import { checkpointFolders } from './checkpoint-folders.ts'
import { podObject } from './kubernetes/worker-objects.ts'
import { workerCommand } from './process/worker-command.ts'
import type { WorkerSpec } from './provisioner.ts'

const inS3 = 's3://acme/lightflus?region=eu-central-1'
const worker = (checkpoints: string): WorkerSpec => ({
  workerId: '00000000-0000-4000-8000-000000000001',
  tenantId: 'tenant',
  tenantName: 'acme',
  placement: 'shared',
  token: 'token',
  controlPlaneUrl: 'http://127.0.0.1:4400',
  slots: 1,
  slotHeapBytesMax: 256 * 2 ** 20,
  checkpointLocations: [tenantCheckpointLocation({ checkpoints }, 'tenant')],
})

describe('where checkpoints lie', () => {
  test('is a place of its own for each tenant and job, in a folder as in S3', () => {
    expect(checkpointLocation({ checkpoints: '/checkpoints' }, 'tenant', 'job')).toBe('/checkpoints/tenant/job')
    expect(checkpointLocation({ checkpoints: inS3 }, 'tenant', 'job')).toBe(
      's3://acme/lightflus/tenant/job?region=eu-central-1',
    )
    expect(checkpointFolders(worker('/checkpoints'))).toEqual(['/checkpoints'])
    expect(checkpointFolders(worker(inS3))).toEqual([])
  })

  test('in S3 gives a process the credentials of the SDK’s environment, elsewhere not', () => {
    const program = { node: '/node', entry: '/main.js', codeFolders: [], filesFolder: '/files' }
    const environment = {
      AWS_ACCESS_KEY_ID: 'key',
      AWS_REGION: 'eu-west-1',
      DATABASE_URL: 'postgresql://x',
      SSL_CERT_DIR: '/c',
    }
    const env = (checkpoints: string) => workerCommand(worker(checkpoints), program, '/own', environment).env
    expect(env(inS3)).toMatchObject({ AWS_ACCESS_KEY_ID: 'key', AWS_REGION: 'eu-west-1', SSL_CERT_DIR: '/c' })
    expect(env(inS3)).not.toHaveProperty('DATABASE_URL')
    expect(env('/checkpoints')).not.toHaveProperty('AWS_ACCESS_KEY_ID')
  })

  test('in S3 mounts no volume in a pod, and takes the tenant’s own credentials', () => {
    const { kubernetes } = readConfig({
      DATABASE_URL: 'postgresql://db/lightflus',
      LIGHTFLUS_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
      LIGHTFLUS_CHECKPOINTS: inS3,
      LIGHTFLUS_PROVISIONER: 'kubernetes',
      LIGHTFLUS_WORKER_IMAGE: 'worker',
      LIGHTFLUS_WORKER_EGRESS: '[]',
    })
    const pod = (checkpoints: string) => {
      const { volumes, containers } = podObject(worker(checkpoints), kubernetes!).spec!
      const { envFrom, volumeMounts } = containers[0]!
      return {
        envFrom,
        volumes: volumes!.map(({ name }) => name),
        mounts: volumeMounts!.map(({ mountPath }) => mountPath),
      }
    }
    expect(pod(inS3)).toEqual({
      envFrom: [{ secretRef: { name: 'checkpoint-credentials', optional: true } }],
      volumes: ['own', 'temporary'],
      mounts: ['/var/lib/lightflus', '/tmp'],
    })
    expect(pod('/checkpoints')).toEqual({
      envFrom: undefined,
      volumes: ['own', 'temporary', 'checkpoints'],
      mounts: ['/var/lib/lightflus', '/tmp', '/checkpoints/tenant'],
    })
  })
})
