// AssemblyScript: TypeScript's syntax, compiled to WebAssembly. Bytes in, pieces out.

/** Where answers are written: the host has copied one before it asks for the next. */
let output: usize = 0
let outputBytes: usize = 0
const hashed: usize = heap.alloc(4)

/** Hands the host memory that is never given back: it asks for few, growing regions. */
export function alloc(bytes: usize): usize {
  return heap.alloc(bytes)
}

/** flatMap: the words of a line, in lower case; anything but ASCII letters and digits stands between words. */
export function tokens(pointer: usize, length: usize, result: usize): void {
  // The worst case: every second byte is a word of one letter, with 4 bytes for its length.
  const needed = length * 3 + 8
  if (needed > outputBytes) {
    outputBytes = needed * 2
    output = heap.alloc(outputBytes)
  }
  let to = output
  let word: usize = 0
  for (let i: usize = 0; i <= length; i++) {
    const letter = i < length ? lowered(load<u8>(pointer + i)) : 0
    if (letter != 0) {
      store<u8>(to + 4 + word, letter)
      word++
    } else if (word > 0) {
      store<u32>(to, u32(word))
      to += 4 + word
      word = 0
    }
  }
  store<u32>(result, u32(output))
  store<u32>(result + 4, u32(to - output))
}

/** map: the FNV-1a hash of the bytes, as four of them. */
export function fingerprint(pointer: usize, length: usize, result: usize): void {
  let hash: u32 = 0x811c9dc5
  for (let i: usize = 0; i < length; i++) hash = (hash ^ load<u8>(pointer + i)) * 0x01000193
  store<u32>(hashed, hash)
  store<u32>(result, u32(hashed))
  store<u32>(result + 4, 4)
}

/** 0 for what is no letter and no digit. */
function lowered(byte: u8): u8 {
  if (byte >= 65 && byte <= 90) return byte + 32
  if ((byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57)) return byte
  return 0
}
