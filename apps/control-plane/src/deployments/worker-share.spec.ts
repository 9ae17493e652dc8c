import { slotsOfWorker } from './worker-share.ts'

test('slots are shared out by floor(slot × workers / slots), so that none is without a worker', () => {
  for (let parallelism = 1; parallelism <= 64; parallelism++)
    for (let workers = 1; workers <= Math.min(parallelism, 32); workers++) {
      const held = new Array<number>(workers).fill(0)
      for (let slot = 0; slot < parallelism; slot++) held[Math.floor((slot * workers) / parallelism)]!++
      expect(held.map((_, number) => slotsOfWorker(number, { parallelism, workers }))).toEqual(held)
    }
})
