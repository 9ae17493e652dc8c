import { readArguments } from './fault-arguments.ts'

// Goal: hours of faults never run with figures that somebody thought they had given.

describe('arguments of npm run faults', () => {
  it.each([
    ['kills', { scenario: 'kills', figures: { rounds: 200, seed: 1 } }],
    ['kills --rounds 8 --seed=5', { scenario: 'kills', figures: { rounds: 8, seed: 5 } }],
    ['network --seconds 8', { scenario: 'network', figures: { cuts: 3, seconds: 8 } }],
    ['platform --seconds 0', { scenario: 'platform', figures: { seconds: 0 } }],
    ['--help', 'help'],
    ['kills -h', 'help'],
  ])('%s', (line, read) => expect(readArguments(line.split(' '))).toEqual(read))

  it.each([
    ['', 'There is no scenario'],
    ['storms', "There is no scenario 'storms'; there are kills, broker, network, platform."],
    ['toString', "There is no scenario 'toString'"],
    ['kills --seconds 5', "Unknown option '--seconds'"],
    ['broker now', "Unexpected argument 'now'"],
    ['kills --rounds', "'--rounds <value>' argument missing"],
    ['kills --rounds many', "--rounds takes a whole number, not 'many'."],
  ])('refuses %j', (line, wrong) =>
    expect(readArguments(line.split(' '))).toEqual({ wrong: expect.stringContaining(wrong) }),
  )

  it('asks for a scenario where none is named', () =>
    expect(readArguments([])).toEqual({ wrong: 'Name one of kills, broker, network, platform.' }))
})
