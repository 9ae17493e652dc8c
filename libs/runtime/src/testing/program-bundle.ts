import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const api = fileURLToPath(import.meta.resolve('@lightflus/api'))

/**
 * Bundles a program's text for a test as the compiler would: one module without blanks, its source map inside.
 * @returns the bundle's path in the folder
 */
export async function bundleProgram(folder: string, fileName: string, text: string): Promise<string> {
  const { outputFiles } = buildSync({
    stdin: { contents: text, sourcefile: fileName, loader: 'ts', resolveDir: folder },
    absWorkingDir: folder,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    external: ['node:*'],
    target: 'es2024',
    minifyWhitespace: true,
    sourcemap: 'inline',
    alias: { lightflus: api },
    logLevel: 'silent',
  })
  const path = join(folder, `${fileName}.mjs`)
  await writeFile(path, outputFiles[0].contents)
  return path
}
