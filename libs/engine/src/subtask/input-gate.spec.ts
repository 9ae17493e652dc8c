import { maxWatermark, type StreamElement } from '../record.ts'
import { MemoryChannel } from '../testing/memory-channel.ts'
import { InputGate } from './input-gate.ts'

/**
 * Feeds channels by a text and says what comes out after each word. `a1`: a batch with value 1 on channel a; `a~5`: a
 * watermark, `a~-5` with idleness; `a|3`: barrier 3 (`a|3!`: final); `a.`: the end.
 */
function passed(text: string): string[] {
  const names = [...new Set(text.split(' ').map((word) => word[0]))].sort()
  const channels = new Map(names.map((name) => [name, new MemoryChannel(1_000)]))
  const gate = new InputGate([[...channels.values()]], 1, () => {})
  return text.split(' ').map((word) => {
    void channels.get(word[0])!.send(elementOf(word.slice(1)))
    const out: string[] = []
    for (let element = gate.next(); element !== undefined; element = gate.next()) out.push(textOf(element))
    return out.join(' ')
  })
}

function elementOf(text: string): StreamElement {
  if (text === '.') return { kind: 'end' }
  const rest = text.slice(1)
  if (text[0] === '~') return { kind: 'watermark', timestamp: Math.abs(Number(rest)), idle: rest.startsWith('-') }
  if (text[0] === '|')
    return {
      kind: 'barrier',
      checkpoint: Number.parseInt(rest),
      attempt: rest.endsWith('?') ? 2 : 1,
      final: rest.endsWith('!'),
    }
  return { kind: 'batch', batch: { values: [Number(text)], timestamps: [0] } }
}

function textOf(element: StreamElement): string {
  switch (element.kind) {
    case 'batch':
      return String(element.batch.values[0])
    case 'watermark':
      return `~${element.idle ? '-' : ''}${element.timestamp === maxWatermark ? 'max' : element.timestamp}`
    case 'barrier':
      return `|${element.checkpoint}${element.final ? '!' : ''}`
    case 'end':
      return '.'
  }
}

test.each<[string, string, string[]]>([
  ['batches come as they arrive', 'a1 b2 a3', ['1', '2', '3']],
  ['the watermark is the least of all channels', 'a~10 b~5 b~20 a~7', ['', '~5', '~10', '']],
  ['an idle channel does not hold it back', 'a~10 b~-5 b~6', ['', '~10', '']],
  ['all idle is idle', 'a~10 b~-5 a~-10', ['', '~10', '~-10']],
  ['a barrier comes once, when all channels have brought it', 'a|1 b|1 a1', ['', '|1', '1']],
  ['what is behind a barrier waits for the others’', 'a|1 a1 a~9 b2 b|1 b~8', ['', '', '', '2', '|1 1', '~8']],
  ['alignments follow each other', 'a|1 a|2 b|1 b3 b|2', ['', '', '|1', '3', '|2']],
  ['a final barrier is final', 'a|1! b|1!', ['', '|1!']],
  ['an end counts as aligned', 'a|1 b.', ['', '|1']],
  ['an end before the barrier counts as aligned', 'b. a|1 a1', ['', '|1', '1']],
  ['the end comes once all have ended, after the last watermark', 'a~5 b~9 a. b.', ['', '~5', '~9', '~max .']],
  ['an end comes before the barrier that waited for it', 'a~5 b~3 a|1 b.', ['', '~3', '', '~5 |1']],
  ['what waits behind a barrier is not lost by the other’s end', 'a|1 a1 a. b.', ['', '', '', '|1 1 ~max .']],
])('%s', (_what, text, expected) => {
  expect(passed(text)).toEqual(expected)
})

test.each([
  ['a barrier of another attempt', 'a|1? b1', 'A barrier of attempt 2 reached a subtask of attempt 1.'],
  ['a barrier out of order', 'a|1 b|2', 'Barrier 2 arrived while barrier 1 was being aligned.'],
])('%s is an error', (_what, text, message) => {
  expect(() => passed(text)).toThrow(expect.objectContaining({ code: 'LF_EXCHANGE_PROTOCOL', message }))
})

test('no channel starves while another never runs dry', () => {
  const busy = new MemoryChannel(1_000)
  const quiet = new MemoryChannel(1_000)
  const gate = new InputGate([[busy], [quiet]], 1, () => {})
  for (let i = 0; i < 10; i++) void busy.send(elementOf('1'))
  void quiet.send(elementOf('2'))
  expect([gate.next(), gate.next()].map((element) => textOf(element!))).toContain('2')
})

test('an alignment lasts from the first channel’s barrier to the last’s, and each is timed for itself', () => {
  const [a, b] = [new MemoryChannel(10), new MemoryChannel(10)]
  let now = 100
  const gate = new InputGate(
    [[a, b]],
    1,
    () => {},
    () => now,
  )
  const barrierAt = (channel: MemoryChannel, text: string, at: number) => {
    now = at
    void channel.send(elementOf(text))
    return gate.next()?.kind
  }
  expect(gate.alignmentMs).toBe(0)
  expect(barrierAt(a, '|1', 110)).toBeUndefined()
  expect(barrierAt(b, '|1', 117.5)).toBe('barrier')
  expect(gate.alignmentMs).toBe(7.5)
  expect(barrierAt(b, '|2', 200)).toBeUndefined()
  expect(barrierAt(a, '.', 202)).toBe('barrier')
  expect(gate.alignmentMs).toBe(2)
})
