import { readConfig } from './config.ts'

const told = {
  LIGHTFLUS_CONTROL_PLANE_URL: 'http://127.0.0.1:4400/',
  LIGHTFLUS_WORKER_ID: 'w',
  LIGHTFLUS_WORKER_TOKEN: 'secret-token',
  LIGHTFLUS_WORKER_DIR: '/somewhere',
}

test('a worker knows what it is told, and how patient to be', () => {
  const restricted = { LIGHTFLUS_SLOT_NODE_OPTIONS: '["--permission"]' }
  expect(readConfig({ ...told, ...restricted, LIGHTFLUS_WORKER_GRACE_MS: '500' })).toEqual({
    controlPlaneUrl: 'http://127.0.0.1:4400',
    workerId: 'w',
    token: 'secret-token',
    folder: '/somewhere',
    aloneMsMax: 600_000,
    graceMs: 500,
    slotNodeOptions: ['--permission'],
  })
})

test('every missing or wrong variable is named at once, and no secret with it', () => {
  expect(() => readConfig({ LIGHTFLUS_WORKER_TOKEN: 'secret-token', LIGHTFLUS_WORKER_ALONE_MS: 'long' })).toThrow(
    'The worker cannot start: LIGHTFLUS_CONTROL_PLANE_URL is missing; LIGHTFLUS_WORKER_ID is missing; LIGHTFLUS_WORKER_DIR is missing; LIGHTFLUS_WORKER_ALONE_MS must be a whole number of milliseconds.',
  )
})

test.each(['{', '{}', '[1]', '"--permission"'])(
  'options of slots that are no list of texts are refused: %s',
  (text) => {
    expect(readConfig(told).slotNodeOptions).toBeUndefined()
    expect(() => readConfig({ ...told, LIGHTFLUS_SLOT_NODE_OPTIONS: text })).toThrow(
      'LIGHTFLUS_SLOT_NODE_OPTIONS must be a JSON array of texts',
    )
  },
)
