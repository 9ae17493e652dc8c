import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

/** Signatures of the ZIP format: of an entry of the directory, and of the directory's end. */
const entrySignature = 0x0201_4b50
const endSignature = 0x0605_4b50

/** The text of files in a jar by their path. @throws Error for one that is not there */
export function textsIn(jar: string, paths: readonly string[]): string[] {
  const bytes = readFileSync(jar)
  const places = directoryOf(bytes)
  return paths.map((path) => {
    const place = places.get(path)
    if (!place) throw new Error(`there is no ${path} in ${jar}`)
    const { start, length, isCompressed } = place
    // The name and what follows it stand before the content once more.
    const content = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28)
    const stored = bytes.subarray(content, content + length)
    return (isCompressed ? inflateRawSync(stored) : stored).toString()
  })
}

interface Place {
  readonly start: number
  readonly length: number
  readonly isCompressed: boolean
}

function directoryOf(bytes: Buffer): Map<string, Place> {
  const places = new Map<string, Place>()
  const end = bytes.lastIndexOf(Buffer.from(Uint32Array.of(endSignature).buffer))
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== entrySignature) throw new Error('the directory of the jar makes no sense')
    const nameLength = bytes.readUInt16LE(at + 28)
    places.set(bytes.toString('utf8', at + 46, at + 46 + nameLength), {
      start: bytes.readUInt32LE(at + 42),
      length: bytes.readUInt32LE(at + 20),
      isCompressed: bytes.readUInt16LE(at + 10) !== 0,
    })
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return places
}
