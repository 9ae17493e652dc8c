import { readConfig } from './config.ts'

const hosted = {
  DATABASE_URL: 'postgresql://user:pass@db/lightflus',
  LIGHTFLUS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  LIGHTFLUS_CHECKPOINTS: '/checkpoints',
}
const egress = [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 9092 }] }]
const cluster = {
  ...hosted,
  LIGHTFLUS_PROVISIONER: 'kubernetes',
  LIGHTFLUS_WORKER_IMAGE: 'example.com/worker:1',
  LIGHTFLUS_WORKER_EGRESS: JSON.stringify(egress),
}

describe('the configuration of workers in a cluster', () => {
  test('counts only where workers are placed in one', () => {
    expect(readConfig({ ...hosted, LIGHTFLUS_WORKER_IMAGE: 'x' }).kubernetes).toBeNull()
  })

  test('has defaults for all but image and egress', () => {
    expect(readConfig(cluster).kubernetes).toEqual({
      platform: 'lightflus',
      namespacePrefix: 'lf-',
      worker: {
        image: 'example.com/worker:1',
        imagePullPolicy: 'IfNotPresent',
        command: null,
        egress,
        nodeSelector: {},
        runtimeClass: null,
      },
      slot: { cpuRequest: 100, cpuLimit: 1_000 },
      tenant: { slotsMax: 64, workersMax: 64 },
      checkpoints: { storageClass: null, accessMode: 'ReadWriteMany', volumeSize: '10Gi' },
    })
  })

  test('reads lists', () => {
    const given = {
      ...cluster,
      LIGHTFLUS_WORKER_NODE_SELECTOR: 'pool=jobs, example.com/disk=fast',
      LIGHTFLUS_WORKER_COMMAND: '["node", "main.js"]',
    }
    expect(readConfig(given).kubernetes?.worker).toMatchObject({
      nodeSelector: { pool: 'jobs', 'example.com/disk': 'fast' },
      command: ['node', 'main.js'],
    })
  })

  test('lists everything that is missing or wrong', () => {
    const { LIGHTFLUS_WORKER_IMAGE: _image, ...imageless } = cluster
    expect(() => readConfig({ ...imageless, LIGHTFLUS_SLOT_CPU_REQUEST: '2000' })).toThrow(
      /LIGHTFLUS_WORKER_IMAGE: needed.*\n.*LIGHTFLUS_SLOT_CPU_REQUEST: more than/,
    )
    const wrong = {
      ...cluster,
      LIGHTFLUS_WORKER_EGRESS: '[{}]',
      LIGHTFLUS_WORKER_COMMAND: 'node',
      LIGHTFLUS_WORKER_NODE_SELECTOR: 'pool',
      LIGHTFLUS_CHECKPOINT_VOLUME_SIZE: '10',
      LIGHTFLUS_NAMESPACE_PREFIX: 'LF',
    }
    for (const name of Object.keys(wrong).filter(
      (each) => wrong[each as keyof typeof wrong] !== cluster[each as keyof typeof cluster],
    ))
      expect(() => readConfig(wrong)).toThrow(expect.objectContaining({ message: expect.stringContaining(name) }))
  })
})
