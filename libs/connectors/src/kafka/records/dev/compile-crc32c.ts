import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const connectors = join(import.meta.dirname, '..', '..', '..', '..')
const source = join(connectors, 'wasm', 'crc32c', 'crc32c.ts')

/** Text of crc32c-module.ts, which holds what the AssemblyScript in libs/connectors/wasm/crc32c compiles to. */
export function compileCrc32c(): string {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'bin', 'asc.js')
  const folder = mkdtempSync(join(tmpdir(), 'lightflus-crc32c-'))
  const module = join(folder, 'crc32c.wasm')
  const options = ['--runtime', 'stub', '--importMemory', '--noExportMemory', '-O3', '--converge', '--use', 'abort=']
  const features = ['simd', 'relaxed-simd', 'bulk-memory'].flatMap((feature) => ['--enable', feature])
  try {
    // 112: a memory of one's own below what the compiler would keep its own data in.
    execFileSync(
      process.execPath,
      [compiler, source, '--outFile', module, ...options, ...features, '--disableWarning', '112'],
      { cwd: connectors, stdio: ['ignore', 'inherit', 'inherit'] },
    )
    const base64 = readFileSync(module).toString('base64')
    return [
      '// Compiled from libs/connectors/wasm/crc32c: node -C @lf/source libs/connectors/src/kafka/records/dev/compile-crc32c.ts',
      `export const crc32cModule =\n  '${base64}'\n`,
    ].join('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '..', 'crc32c-module.ts'), compileCrc32c())
