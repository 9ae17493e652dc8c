import fc from 'fast-check'
import type { CheckpointStorage } from '../checkpoint-storage.ts'
import { memoryStorage } from '../memory-storage.ts'
import { faultyStorage, type FaultyStorageOptions, type StorageFault } from './faulty-storage.ts'
import { storageContract } from './storage.contract.ts'

const bytes = (content: string): Uint8Array => Buffer.from(content)
const text = (content: Uint8Array | undefined): string | undefined => content && Buffer.from(content).toString()

/** Numbers that depend on the seed alone (Steele, Lea and Flood 2014: SplitMix, in 32 bits). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** Waits for other work as often as it has milliseconds: no time passes. */
const letOthers = async (turns: number): Promise<void> => {
  for (let left = turns; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve))
}
const faulty = (inner: CheckpointStorage, given: Partial<FaultyStorageOptions>): CheckpointStorage =>
  faultyStorage(inner, { random: seeded(1), pause: letOthers, chances: {}, ...given })
const always = (inner: CheckpointStorage, fault: StorageFault): CheckpointStorage =>
  faulty(inner, { chances: { [fault]: 1 } })

describe('checkpoint storage with faults', () => {
  describe('of which none happens', () => {
    storageContract({
      open: async () => faulty(memoryStorage(), { slowMsMax: 2 }),
      again: (storage) => storage,
      sequences: 10,
    })
  })

  it('fails before anything happened', async () => {
    const inner = memoryStorage()
    const storage = always(inner, 'fails before')
    await inner.put('there', bytes('x'))
    for (const call of [
      () => storage.put('a', bytes('x')),
      () => storage.createIfAbsent('a', bytes('x')),
      () => storage.get('there'),
      () => storage.list(''),
      () => storage.delete('there'),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'LF_STORAGE_FAILED' })
    expect(await inner.list('')).toEqual(['there'])
  })

  it('fails after it has happened', async () => {
    const inner = memoryStorage()
    const storage = always(inner, 'fails after')
    await expect(storage.createIfAbsent('log/1', bytes('x'))).rejects.toThrow(/injected into createIfAbsent of log\/1/)
    expect(await inner.list('')).toEqual(['log/1'])
    await expect(storage.delete('log/1')).rejects.toThrow()
    expect(await inner.list('')).toEqual([])
  })

  it('fails and happens late, with the bytes of then', async () => {
    const inner = memoryStorage()
    const storage = faulty(inner, { chances: { 'happens late': 1 }, slowMsMax: 3, random: () => 0.9 })
    const given = bytes('then')
    await expect(storage.put('a', given)).rejects.toThrow()
    given.fill(0)
    expect(await inner.get('a')).toBeUndefined()
    await letOthers(5)
    expect(text(await inner.get('a'))).toBe('then')
  })

  it('tears only what is put', async () => {
    const inner = memoryStorage()
    const storage = always(inner, 'tears')
    await expect(storage.put('a', new Uint8Array(1_000))).rejects.toThrow()
    expect((await inner.get('a'))!.byteLength).toBeLessThan(1_000)
    expect(await storage.createIfAbsent('log/1', bytes('whole'))).toBe(true)
    expect(text(await storage.get('log/1'))).toBe('whole')
  })

  it('does the same again with the same seed', async () => {
    const chances = { 'fails before': 0.2, 'fails after': 0.2, 'happens late': 0.1, tears: 0.1 }
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const runOnce = async () => {
          const faults: string[] = []
          const inner = memoryStorage()
          const storage = faulty(inner, {
            random: seeded(seed),
            chances,
            slowMsMax: 2,
            onFault: (...fault) => faults.push(fault.join(' ')),
          })
          for (let at = 0; at < 20; at += 1) {
            await storage.put(`a/${at}`, new Uint8Array(at)).catch(() => undefined)
            await storage.createIfAbsent(`log/${at % 5}`, bytes(String(at))).catch(() => undefined)
            await storage.delete(`a/${at >> 1}`).catch(() => undefined)
          }
          await letOthers(3)
          return [faults, await Promise.all((await inner.list('')).map(async (path) => [path, await inner.get(path)]))]
        }
        expect(await runOnce()).toEqual(await runOnce())
      }),
      { numRuns: 20 },
    )
  })
})
