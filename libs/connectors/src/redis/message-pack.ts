/**
 * Lists of texts as MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), which scripts of Redis unpack:
 * arrays of arrays of strings, and nothing else.
 */
export function packCommands(commands: readonly (readonly string[])[]): Buffer {
  let size = 5
  for (const command of commands) for (const text of command) size += 5 + Buffer.byteLength(text)
  const buffer = Buffer.allocUnsafe(size + commands.length * 5)
  let at = arrayHeader(buffer, 0, commands.length)
  for (const command of commands) {
    at = arrayHeader(buffer, at, command.length)
    for (const text of command) {
      buffer[at] = 0xdb
      const length = buffer.write(text, at + 5, 'utf8')
      buffer.writeUInt32BE(length, at + 1)
      at += 5 + length
    }
  }
  return buffer.subarray(0, at)
}

function arrayHeader(buffer: Buffer, at: number, length: number): number {
  buffer[at] = 0xdd
  buffer.writeUInt32BE(length, at + 1)
  return at + 5
}
