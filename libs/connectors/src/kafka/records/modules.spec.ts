import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiled, modules } from './dev/compile-modules.ts'

test.each(modules)('$file holds what its source compiles to', (module) => {
  expect(readFileSync(join(import.meta.dirname, module.file), 'utf8')).toBe(compiled(module))
})
