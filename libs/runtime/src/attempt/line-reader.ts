import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { logMessageLengthMax } from '../slot/log-lines.ts'

/** Calls back with each line of a stream as it comes; one that is too long comes in parts. Reads at once, keeps nothing. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string): void => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') onLine(line)
    if (rest.length < logMessageLengthMax) return
    onLine(rest)
    rest = ''
  }
  stream.on('data', (bytes: Buffer) => take(decoder.write(bytes)))
  stream.on('end', () => take(`${decoder.end()}\n`))
}
