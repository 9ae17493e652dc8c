// Strings and numbers. All functions take where something begins and give where it ends; 0: it is not valid JSON.

/** Counts what makes a text another than that which JSON.stringify writes: it stands still over a canonical value. */
export let warts: i32 = 0
/** Counts strings with escapes. */
export let escapes: i32 = 0
/** Counts strings with characters beyond ASCII. */
export let highs: i32 = 0

export function addWart(): void {
  warts++
}

// Flags of scan-types.ts.
export const canonical: i32 = 1
export const unescaped: i32 = 2
export const ascii: i32 = 4

/** What `stringEnd` found of the latest string. */
export let textFlags: i32 = 0

/** A bit for each byte that ends a string, or that it needs care with: quotes, backslashes, control characters. */
function stopsOf(bytes: v128): i32 {
  // A quote is 2 more than a blank, and nothing below 32 comes or goes by turning that bit.
  const quotesAndControls = i8x16.le_u(v128.xor(bytes, i8x16.splat(2)), i8x16.splat(32))
  return i8x16.bitmask(v128.or(quotesAndControls, i8x16.eq(bytes, i8x16.splat(92))))
}

/** As `stringEnd`, of most strings: those without escapes, in ASCII. 0: it is for `stringEnd` to say. */
export function plainStringEnd(from: usize): usize {
  let at = from
  // The first bytes by themselves, since most strings are short; then so many that the next turn is seldom a surprise.
  let high = v128.load(at)
  let stops = <u64>stopsOf(high)
  if (stops === 0) {
    at += 16
    while (true) {
      const a = v128.load(at)
      const b = v128.load(at, 16)
      const c = v128.load(at, 32)
      const d = v128.load(at, 48)
      const low = stopsOf(a) | (stopsOf(b) << 16)
      stops = (<u64>(<u32>low)) | ((<u64>(stopsOf(c) | (stopsOf(d) << 16))) << 32)
      high = v128.or(high, v128.or(v128.or(a, b), v128.or(c, d)))
      if (stops !== 0) break
      at += 64
    }
  }
  at += <usize>ctz(stops)
  // What is behind the end is looked at, too: then all is looked at again.
  return load<u8>(at) === 34 && i8x16.bitmask(high) === 0 ? at : 0
}

/** From behind the opening quote to the closing one. */
export function stringEnd(from: usize): usize {
  let at = from
  let high = 0
  while (true) {
    const bytes = v128.load(at)
    const stops = stopsOf(bytes)
    if (stops === 0) {
      high |= i8x16.bitmask(bytes)
      at += 16
      continue
    }
    high |= i8x16.bitmask(bytes) & ((stops & -stops) - 1)
    at += ctz(stops)
    textFlags = canonical | unescaped | ascii
    if (load<u8>(at) !== 34) {
      if (load<u8>(at) !== 92) return 0
      at = stringEndWithEscapes(at)
      if (at === 0) return 0
    }
    if (high !== 0) {
      highs++
      textFlags &= ~ascii
    }
    return at
  }
}

/** From the first backslash. */
function stringEndWithEscapes(from: usize): usize {
  const wartsBefore = warts
  escapes++
  let at = from
  let high = 0
  while (true) {
    const byte = load<u8>(at)
    if (byte === 34) break
    if (byte < 32) return 0
    high |= byte & 128
    if (byte !== 92) {
      at++
      continue
    }
    const escaped = load<u8>(at, 1)
    if (escaped === 117) {
      const unit = hex(at + 2)
      if (unit < 0) return 0
      if (!isWrittenSo(at + 2, unit)) warts++
      at += 6
    } else {
      if (!isEscape(escaped)) return 0
      // It need not be escaped, though it may.
      if (escaped === 47) warts++
      at += 2
    }
  }
  textFlags = warts === wartsBefore ? ascii | canonical : ascii
  if (high !== 0) {
    highs++
    textFlags &= ~ascii
  }
  return at
}

/** One of " \\ / b f n r t */
function isEscape(byte: u8): bool {
  if (byte < 98) return byte === 34 || byte === 47 || byte === 92
  return byte === 98 || byte === 102 || byte === 110 || byte === 114 || byte === 116
}

/** Four hexadecimal digits; -1: they are not. */
function hex(at: usize): i32 {
  let unit = 0
  for (let place: usize = 0; place < 4; place++) {
    const byte = <i32>load<u8>(at + place)
    const digit = byte - 48
    const letter = (byte | 32) - 97
    if (<u32>digit <= 9) unit = (unit << 4) | digit
    else if (<u32>letter <= 5) unit = (unit << 4) | (letter + 10)
    else return -1
  }
  return unit
}

/** JSON.stringify escapes by number only what it must, and in small letters. */
function isWrittenSo(at: usize, unit: i32): bool {
  if (unit >= 32 || (unit >= 8 && unit <= 13 && unit !== 11)) return false
  const last = load<u8>(at, 3)
  return last < 65 || last > 70
}

/** The latest number's value; NaN where it takes more than this to tell it. */
export let numberValue: f64 = 0

// prettier-ignore
const powersOfTen: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
])

/** How many of eight characters, each less `0`, are digits before another comes. */
export function digitsOf(characters: u64): u64 {
  return ctz(((characters + 0x7676767676767676) | characters) & 0x8080808080808080) >> 3
}

/** The number that eight digits are, the first one in the lowest byte, each less `0`. */
export function eightDigits(digits: u64): u64 {
  const pairs = ((digits * 2561) >> 8) & 0x00ff00ff00ff00ff
  const fours = ((pairs * 6553601) >> 16) & 0x0000ffff0000ffff
  return (fours * 42949672960001) >> 32
}

/** How far `digitsFrom` has come. */
let digitsEnd: usize = 0

/** Digits behind those of a number, eight at a time. It overflows from the 20th digit on. */
function digitsFrom(from: usize, before: u64): u64 {
  let value = before
  let at = from
  while (true) {
    const digits = load<u64>(at) ^ 0x3030303030303030
    const others = ((digits + 0x7676767676767676) | digits) & 0x8080808080808080
    if (others !== 0) {
      const bits = (<u64>ctz(others)) & 0x38
      digitsEnd = at + <usize>(bits >> 3)
      // Shifting by 64 would shift by nothing.
      return bits === 0 ? value : value * power(<i32>(bits >> 3)) + eightDigits(digits << (64 - bits))
    }
    value = value * 100_000_000 + eightDigits(digits)
    at += 8
  }
}

export function numberEnd(from: usize): usize {
  const negative = load<u8>(from) === 45
  const first = from + (negative ? 1 : 0)
  const value = digitsFrom(first, 0)
  const at = digitsEnd
  if (at === first || (at > first + 1 && load<u8>(first) === 48)) return 0
  const next = load<u8>(at)
  if (next === 46 || (next | 32) === 101) return fractionEnd(first, at, value, negative)
  const digits = at - first
  if (digits > 15 || (negative && value === 0)) warts++
  // Up to 19 digits fit, and the conversion rounds as it should.
  const number = digits > 19 ? NaN : <f64>value
  numberValue = negative ? -number : number
  return at
}

/** From the point or the E on. */
function fractionEnd(first: usize, from: usize, whole: u64, negative: bool): usize {
  let at = from
  let value = whole
  let digits = <i32>(at - first)
  let exponent = 0
  if (load<u8>(at) === 46) {
    const fraction = at + 1
    value = digitsFrom(fraction, value)
    at = digitsEnd
    if (at === fraction) return 0
    exponent = <i32>(fraction - at)
    digits -= exponent
    // Below 1e-6 it would be written with an exponent; 1e-6 itself has six places.
    if (load<u8>(at - 1) === 48 || (whole === 0 && exponent < -6 && value < power(-exponent - 6))) warts++
  }
  if ((load<u8>(at) | 32) === 101) {
    warts++
    at++
    const sign = load<u8>(at)
    if (sign === 43 || sign === 45) at++
    let digit = <u32>load<u8>(at) - 48
    if (digit > 9) return 0
    let given = 0
    do {
      given = min(given * 10 + <i32>digit, 100_000)
      digit = <u32>load<u8>(++at) - 48
    } while (digit <= 9)
    exponent += sign === 45 ? -given : given
  }
  // Leading zeros count as digits: it is only decided more carefully than need be.
  if (digits > 15) warts++
  const number = digits > 19 ? NaN : scaled(value, exponent)
  numberValue = negative ? -number : number
  return at
}

function power(exponent: i32): u64 {
  return exponent > 19 ? u64.MAX_VALUE : <u64>load<f64>(powersOfTen + ((<usize>exponent) << 3))
}

/** Both are exact as doubles, so their product or quotient is rounded once (Clinger 1990). */
function scaled(value: u64, exponent: i32): f64 {
  if (value > 9007199254740992 || exponent < -22 || exponent > 22) return NaN
  return exponent < 0
    ? <f64>value / load<f64>(powersOfTen + ((<usize>-exponent) << 3))
    : <f64>value * load<f64>(powersOfTen + ((<usize>exponent) << 3))
}
