import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileModule } from './dev/compile-module.ts'

test('the module is what its source compiles to', () => {
  expect(readFileSync(join(import.meta.dirname, 'scanner-module.ts'), 'utf8')).toBe(compileModule())
}, 120_000)
