import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const engine = join(import.meta.dirname, '..', '..', '..')
const source = join(engine, 'wasm', 'scan', 'scan.ts')

/** Text of scanner-module.ts, which holds what the AssemblyScript in libs/engine/wasm/scan compiles to. */
export function compileModule(): string {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'bin', 'asc.js')
  const folder = mkdtempSync(join(tmpdir(), 'lightflus-scan-'))
  const module = join(folder, 'scan.wasm')
  try {
    execFileSync(
      process.execPath,
      [
        ...[compiler, source, '--outFile', module, '--runtime', 'stub', '--importMemory', '--noExportMemory'],
        ...[
          '--enable',
          'simd',
          '--enable',
          'bulk-memory',
          '-O3',
          '--converge',
          '--use',
          'abort=',
          '--disableWarning',
          '112',
        ],
      ],
      { cwd: engine, stdio: ['ignore', 'inherit', 'inherit'] },
    )
    const base64 = readFileSync(module).toString('base64')
    return [
      '// Compiled from libs/engine/wasm/scan: node -C @lf/source libs/engine/src/scan/dev/compile-module.ts',
      `export const scannerModule =\n  '${base64}'\n`,
    ].join('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) writeFileSync(join(engine, 'src', 'scan', 'scanner-module.ts'), compileModule())
