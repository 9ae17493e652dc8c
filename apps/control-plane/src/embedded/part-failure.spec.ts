import { describe, expect, it } from '@jest/globals'
import { explainControlPlane, explainPostgres } from './part-failure.ts'

describe('the end of a log', () => {
  const postgres = explainPostgres('/data')
  const controlPlane = explainControlPlane('/data')

  it.each([
    'FATAL:  could not write to file "pg_wal/xlogtemp.12": No space left on device',
    'FATAL:  could not extend file "base/5/1": Disk quota exceeded',
  ])('tells a full disk: %s', (line) => {
    expect(postgres(`2026-11-23 [1] ${line}`)).toMatchObject({ code: 'LF_UP_DISK_FULL' })
  })

  it.each([
    'PANIC:  could not read file "global/pg_control": read 7 of 296',
    'PANIC:  could not locate a valid checkpoint record at 0/174B348',
    'FATAL:  incorrect checksum in control file',
    'FATAL:  "/data/postgres" is not a valid data directory',
  ])('tells damage: %s', (line) => {
    expect(postgres(`noise\n2026-11-23 [1] ${line}\nmore`)).toMatchObject({ code: 'LF_UP_FOLDER_DAMAGED' })
  })

  it('says nothing of what it does not know', () => {
    expect(postgres('FATAL:  could not create any TCP/IP sockets')).toBeNull()
    expect(controlPlane('Segmentation fault\n{"level":30,"msg":"hello"}')).toBeNull()
  })

  it('tells what the control plane said, with its own next step', () => {
    const line = {
      level: 60,
      code: 'LF_DATABASE_NEWER',
      nextStep: 'Use the newer release.',
      msg: 'The database is newer.',
    }
    expect(controlPlane(`{"level":30,"msg":"x"}\n${JSON.stringify(line)}\n`)).toMatchObject({
      code: 'LF_UP_CONTROL_PLANE',
      message: 'The control plane cannot start: The database is newer. (LF_DATABASE_NEWER)',
      nextStep: 'Use the newer release.',
    })
  })
})
