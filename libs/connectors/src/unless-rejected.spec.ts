import { unlessRejected } from './unless-rejected.ts'

function odd(number: number): number {
  if (number % 2 === 0) throw new Error(`${number} is even`)
  return number
}

test('a record that cannot be made is rejected by its index, and the others are made', () => {
  const rejected: unknown[] = []
  const reject = (thrown: unknown, record: unknown) => void rejected.push([String(thrown), record])
  const made = [1, 2, 3].map((number, index) => unlessRejected(reject, index, () => odd(number)))
  expect(made).toEqual([1, undefined, 3])
  expect(rejected).toEqual([['Error: 2 is even', { index: 1 }]])
})

test('where the first rejected record ends the job, so does what its rejection throws', () => {
  const fail = () => {
    throw new Error('the job ends')
  }
  expect(() => unlessRejected(fail, 0, () => odd(2))).toThrow('the job ends')
})
