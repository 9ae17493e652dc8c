// Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): three look-ups tell what two
// neighbouring bytes cannot be; only whether a third and a fourth byte must follow remains to be seen.

const tooShort: i8 = 1
const tooLong: i8 = 2
const overlong3: i8 = 4
const tooLarge: i8 = 8
const surrogate: i8 = 16
const overlong2: i8 = 32
const tooLarge1000: i8 = 64
const overlong4: i8 = 64
const twoContinuations: i8 = -128
const carry: i8 = tooShort | tooLong | twoContinuations
const largeLow: i8 = carry | tooLarge | tooLarge1000
const anyContinuation: i8 = tooLong | overlong2 | twoContinuations

// prettier-ignore
function firstHigh(nibbles: v128): v128 {
  return i8x16.swizzle(i8x16(
    tooLong, tooLong, tooLong, tooLong, tooLong, tooLong, tooLong, tooLong,
    twoContinuations, twoContinuations, twoContinuations, twoContinuations,
    tooShort | overlong2, tooShort, tooShort | overlong3 | surrogate, tooShort | tooLarge | tooLarge1000 | overlong4,
  ), nibbles)
}

// prettier-ignore
function firstLow(nibbles: v128): v128 {
  return i8x16.swizzle(i8x16(
    carry | overlong3 | overlong2 | overlong4, carry | overlong2, carry, carry,
    carry | tooLarge, largeLow, largeLow, largeLow, largeLow, largeLow, largeLow, largeLow, largeLow,
    largeLow | surrogate, largeLow, largeLow,
  ), nibbles)
}

// prettier-ignore
function secondHigh(nibbles: v128): v128 {
  return i8x16.swizzle(i8x16(
    tooShort, tooShort, tooShort, tooShort, tooShort, tooShort, tooShort, tooShort,
    anyContinuation | overlong3 | tooLarge1000 | overlong4, anyContinuation | overlong3 | tooLarge,
    anyContinuation | surrogate | tooLarge, anyContinuation | surrogate | tooLarge,
    tooShort, tooShort, tooShort, tooShort,
  ), nibbles)
}

function errorsOf(before: v128, bytes: v128): v128 {
  const one = i8x16.shuffle(before, bytes, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
  const two = i8x16.shuffle(before, bytes, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29)
  const three = i8x16.shuffle(before, bytes, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28)
  const pairs = v128.and(
    v128.and(firstHigh(i8x16.shr_u(one, 4)), firstLow(v128.and(one, i8x16.splat(15)))),
    secondHigh(i8x16.shr_u(bytes, 4)),
  )
  const follows = v128.or(i8x16.sub_sat_u(two, i8x16.splat(0x60)), i8x16.sub_sat_u(three, i8x16.splat(0x70)))
  return v128.xor(v128.and(follows, i8x16.splat(-128)), pairs)
}

const tail: usize = memory.data(16, 16)

export function isUtf8(from: usize, to: usize): bool {
  let before = i8x16.splat(0)
  let errors = i8x16.splat(0)
  let at = from
  for (; at + 16 <= to; at += 16) {
    const bytes = v128.load(at)
    if (i8x16.bitmask(v128.or(before, bytes)) !== 0) errors = v128.or(errors, errorsOf(before, bytes))
    before = bytes
  }
  // Zeros behind the end show a character that is cut off.
  v128.store(tail, i8x16.splat(0))
  memory.copy(tail, at, to - at)
  errors = v128.or(errors, errorsOf(before, v128.load(tail)))
  return !v128.any_true(errors)
}
