import { SupervisedThread } from './supervised-thread.ts'

// Goal: whatever a request does to its thread, the caller gets a result and the next request an answer.

const deadlineMs = 30_000
const thread = new SupervisedThread<string, string>({
  entry: new URL('./testing/misbehaving-thread.ts', import.meta.url),
  heapBytesMax: 32 * 2 ** 20,
  stackBytes: 4 * 2 ** 20,
  idleMs: 60_000,
  waitingMax: 3,
})

afterEach(async () => {
  expect(await thread.call('answer', deadlineMs)).toEqual({ kind: 'answer', value: 'here' })
})
afterAll(() => thread.close())

it('passes an answer on', async () => {
  expect(await thread.call('answer', deadlineMs)).toEqual({ kind: 'answer', value: 'here' })
})

it('throws what the thread threw', async () => {
  await expect(thread.call('throw', deadlineMs)).rejects.toThrow('as asked')
})

it('ends a thread that takes too long', async () => {
  expect(await thread.call('loop', 100)).toEqual({ kind: 'time' })
})

it('survives a thread whose heap is full', async () => {
  expect(await thread.call('fill', deadlineMs)).toEqual({ kind: 'memory' })
})

it('says so when a thread ends without an answer', async () => {
  await expect(thread.call('exit', deadlineMs)).rejects.toThrow('The thread ended with code 3.')
})

it('lets no more requests wait than it may, and the others keep their order', async () => {
  const results = await Promise.all([
    thread.call('loop', 100),
    thread.call('answer', deadlineMs),
    thread.call('answer', deadlineMs),
    thread.call('answer', deadlineMs),
  ])
  expect(results.map(({ kind }) => kind)).toEqual(['time', 'answer', 'answer', 'busy'])
})

it('starts again after it was closed', async () => {
  await thread.close()
  expect(await thread.call('answer', deadlineMs)).toEqual({ kind: 'answer', value: 'here' })
})
