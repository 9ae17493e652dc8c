import type { TextReader } from '../subtask/ports.ts'

/** Where the host has nothing better. */
export function decodeTexts(bytes: Uint8Array): TextReader {
  // It begins with U+FEFF where the text does: a string in the middle of a record has no byte order mark.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return (start, end) => decoder.decode(bytes.subarray(start, end))
}
