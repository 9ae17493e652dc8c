import { AnswerBuffers, slackBytes } from './answer-buffers.ts'

const mebibyte = 1024 * 1024

it('lends a buffer again once everybody who held it has given it back', () => {
  const buffers = new AnswerBuffers()
  const lent = buffers.lend(mebibyte)
  expect(lent.bytes.length).toBeGreaterThanOrEqual(mebibyte + slackBytes)
  expect(buffers.lentBytes).toBe(lent.bytes.length)
  lent.retain()
  lent.release()
  expect(buffers.lend(mebibyte).bytes).not.toBe(lent.bytes)
  lent.release()
  expect(buffers.lend(mebibyte - 5_000).bytes).toBe(lent.bytes)
})

it('notices who gives back or holds what was given back before', () => {
  const lent = new AnswerBuffers().lend(10)
  lent.release()
  expect(() => lent.release()).toThrow('given back before')
  expect(() => lent.retain()).toThrow('given back before')
})

it('does not tie up a large buffer for a small answer', () => {
  const buffers = new AnswerBuffers()
  buffers.lend(2 * mebibyte).release()
  expect(buffers.lend(1_000).bytes.length).toBeLessThan(mebibyte / 4)
})

it('keeps no more than a few mebibytes, and nothing beside what is lent once that is more', () => {
  const buffers = new AnswerBuffers()
  const lent = Array.from({ length: 30 }, (_, at) => buffers.lend((at + 1) * 100_000))
  expect(buffers.totalBytes).toBe(buffers.lentBytes)
  for (const one of lent) {
    one.release()
    expect(Math.min(buffers.totalBytes - buffers.lentBytes, buffers.totalBytes)).toBeLessThanOrEqual(5 * mebibyte)
  }
  expect(buffers.lentBytes).toBe(0)
  expect(buffers.totalBytes).toBeGreaterThan(2 * mebibyte)
  expect(buffers.totalBytes).toBeLessThanOrEqual(5 * mebibyte)
})
