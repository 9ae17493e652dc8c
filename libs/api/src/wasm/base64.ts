const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * The bytes of Base64 text (RFC 4648, section 4); white space is passed over. Written out, since a program is also built
 * where there is neither `atob` nor `Uint8Array.fromBase64`.
 * @throws TypeError for anything else.
 */
export function bytesOfBase64(text: string): Uint8Array {
  const packed = text.replace(/\s+/g, '').replace(/={1,2}$/, '')
  if (packed.length % 4 === 1) throw new TypeError('the text is not whole Base64')
  const bytes = new Uint8Array(Math.floor((packed.length * 3) / 4))
  let bits = 0
  let at = 0
  for (let i = 0; i < packed.length; i++) {
    const digit = digits.indexOf(packed[i])
    if (digit < 0) throw new TypeError(`'${packed[i]}' is no digit of Base64`)
    bits = ((bits << 6) | digit) & 0xffffff
    // Of every four digits the second, third and fourth each make a byte full.
    if (i % 4 > 0) bytes[at++] = (bits >> (6 - 2 * (i % 4))) & 255
  }
  return bytes
}
