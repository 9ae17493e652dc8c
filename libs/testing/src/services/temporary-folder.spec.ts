import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary-folder.ts'
import { uniqueName } from './unique-name.ts'

describe('temporaryFolder', () => {
  it('is there until its block ends, and then gone with what is in it', async () => {
    let path: string
    {
      await using folder = temporaryFolder('spec')
      path = folder.path
      writeFileSync(join(path, 'file'), 'text')
      expect(existsSync(join(path, 'file'))).toBe(true)
    }
    expect(existsSync(path)).toBe(false)
  })
})

describe('uniqueName', () => {
  it('differs on every call and fits the systems that it is meant for', () => {
    const names = Array.from({ length: 100 }, () => uniqueName('orders'))
    expect(new Set(names).size).toBe(100)
    for (const name of names) expect(name).toMatch(/^orders_[0-9a-f]{10}$/)
    expect(uniqueName('shop', '-')).toMatch(/^shop-[0-9a-f]{10}$/)
  })
})
