import { EventRandom } from '../nexmark/event-random.ts'

const vocabulary = 10_000
const wordsMin = 4
const wordsMax = 12

/** Lines of words, of which some are frequent and most are rare. Line n depends on the seed and on n alone. */
export function wordLines(seed = 42): (n: number) => string {
  const random = new EventRandom(seed)
  const words = Array.from({ length: vocabulary }, (_, rank) => {
    const letters = random.lettersAt(rank * 6, 2 + (rank % 7)).replaceAll(' ', '')
    return letters + rank.toString(36)
  })
  return (n) => {
    random.begin(n)
    const length = wordsMin + random.below(wordsMax - wordsMin + 1)
    const line = Array.from({ length }, () => {
      // The product of two even distributions: low ranks are frequent.
      const rank = Math.floor((random.below(vocabulary) * random.below(vocabulary)) / vocabulary)
      return words[rank]!
    })
    return line.join(' ')
  }
}
