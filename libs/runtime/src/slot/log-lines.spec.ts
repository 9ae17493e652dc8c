import { LogLines, logMessageLengthMax } from './log-lines.ts'

describe('the lines of a slot', () => {
  const posted: { level: string; message: string }[] = []
  let time = 0
  const lines = (linesPerSecondMax: number): LogLines =>
    new LogLines({ post: ({ level, message }) => posted.push({ level, message }), now: () => time, linesPerSecondMax })
  beforeEach(() => {
    posted.length = 0
    time = 5_000
  })

  it('pass up to so many a second; the others are counted, and told once the second is over', () => {
    const log = lines(2)
    for (const message of ['a', 'b', 'c', 'd']) log.add('info', null, message)
    time += 999
    log.tick()
    expect(posted.map(({ message }) => message)).toEqual(['a', 'b'])
    time += 1
    log.tick()
    log.tick()
    log.add('error', 'map-1', 'e')
    expect(posted.slice(2)).toEqual([
      { level: 'warn', message: '2 lines were left out: a slot may log 2 a second.' },
      { level: 'error', message: 'e' },
    ])
  })

  it('go on when the clock is set back', () => {
    const log = lines(1)
    log.add('info', null, 'a')
    time = 1_000
    log.add('info', null, 'b')
    expect(posted.map(({ message }) => message)).toEqual(['a', 'b'])
  })

  it('are cut where they are too long for a person', () => {
    lines(1).add('info', null, 'x'.repeat(logMessageLengthMax + 1))
    expect(posted[0].message).toBe(`${'x'.repeat(logMessageLengthMax)}…`)
  })
})
