import { Heartbeat } from './heartbeat.ts'
import { createHosts } from './hosts.ts'

test('texts are read as TextDecoder reads them, a mark U+FEFF at their beginning included', () => {
  const { readTexts } = createHosts(new Heartbeat(new SharedArrayBuffer(4))).reading
  const all = new TextEncoder().encode('before \ufeffüber 😀, plain behind')
  const bytes = all.subarray(7, all.length - 7)
  const read = readTexts!(bytes)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  expect(read(0, bytes.length, false)).toBe(decoder.decode(bytes))
  expect(read(bytes.length - 5, bytes.length, true)).toBe('plain')
  expect(read(3, 3, true)).toBe('')
})
