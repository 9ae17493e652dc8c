import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { defaultDataDir, parseUpOptions } from './up-options.ts'

describe('the options of up', () => {
  it('have defaults', () => {
    expect(parseUpOptions([], { LIGHTFLUS_DATA_DIR: '/data' })).toEqual({
      port: 4400,
      dataDir: '/data',
      demo: true,
      reset: false,
      yes: false,
    })
  })

  it('are read', () => {
    const args = ['--port', '4500', '--data-dir', 'here', '--no-demo', '--reset', '--yes']
    expect(parseUpOptions(args, { LIGHTFLUS_DATA_DIR: '/data' })).toEqual({
      port: 4500,
      dataDir: resolve('here'),
      demo: false,
      reset: true,
      yes: true,
    })
  })

  it.each([['--port', 'abc'], ['--port', '0'], ['--port', '65536'], ['--port', '1.5'], ['--prot', '1'], ['extra']])(
    'are refused: %s %s',
    (...args) => {
      expect(() => parseUpOptions(args, {})).toThrow(expect.objectContaining({ code: 'LF_UP_OPTION' }))
    },
  )

  it('put data where the system keeps a user’s data, for root where other users get to it', () => {
    expect(defaultDataDir({ XDG_DATA_HOME: '/xdg' }, 1000)).toBe('/xdg/lightflus')
    expect(defaultDataDir({}, 1000)).toBe(join(homedir(), '.local', 'share', 'lightflus'))
    expect(defaultDataDir({}, 0)).toBe('/var/lib/lightflus')
    expect(defaultDataDir({ LIGHTFLUS_DATA_DIR: '/mine', XDG_DATA_HOME: '/xdg' }, 0)).toBe('/mine')
  })

  test('takes a place for checkpoints, a folder as an absolute one', () => {
    expect(parseUpOptions([], {}).checkpoints).toBeUndefined()
    expect(parseUpOptions(['--checkpoints', '/a/../b'], {}).checkpoints).toBe('/b')
    expect(parseUpOptions(['--checkpoints', 's3://acme/x/'], {}).checkpoints).toBe('s3://acme/x')
    expect(() => parseUpOptions(['--checkpoints', 'gs://acme'], {})).toThrow(
      expect.objectContaining({ code: 'LF_STORAGE_LOCATION' }),
    )
  })
})
