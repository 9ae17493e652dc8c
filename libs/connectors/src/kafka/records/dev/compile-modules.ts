import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const connectors = join(import.meta.dirname, '..', '..', '..', '..')

/** Files of records/ that hold what the AssemblyScript in a folder of libs/connectors/wasm compiles to. */
export const modules = [
  { file: 'crc32c-module.ts', name: 'crc32cModule', source: 'crc32c' },
  { file: 'blocks-module.ts', name: 'blocksModule', source: 'blocks' },
] as const

/** Text of the file. */
export function compiled({ name, source }: Omit<(typeof modules)[number], 'file'>): string {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'bin', 'asc.js')
  const folder = mkdtempSync(join(tmpdir(), 'lightflus-wasm-'))
  const module = join(folder, 'module.wasm')
  const options = ['--runtime', 'stub', '--importMemory', '--noExportMemory', '-O3', '--converge', '--use', 'abort=']
  const features = ['simd', 'relaxed-simd', 'bulk-memory'].flatMap((feature) => ['--enable', feature])
  try {
    // 112: a memory of one's own below what the compiler would keep its own data in.
    execFileSync(
      process.execPath,
      [
        compiler,
        join(connectors, 'wasm', source, `${source}.ts`),
        ...['--outFile', module, '--disableWarning', '112'],
        ...options,
        ...features,
      ],
      { cwd: connectors, stdio: ['ignore', 'inherit', 'inherit'] },
    )
    const base64 = readFileSync(module).toString('base64')
    return [
      `// Compiled from libs/connectors/wasm/${source}: node -C @lf/source libs/connectors/src/kafka/records/dev/compile-modules.ts`,
      `export const ${name} =\n  '${base64}'\n`,
    ].join('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main)
  for (const module of modules) writeFileSync(join(import.meta.dirname, '..', module.file), compiled(module))
