import { bannedCalls, sleeps } from './calls.ts'
import { deadFiles } from './dead-files.ts'
import { looseVersions } from './dependencies.ts'
import { brokenLinks, lostPaths } from './links.ts'
import { lengthProblems } from './ratchet.ts'
import { wordsOf } from './words.ts'

// Goal: each rule of tree.spec.ts is seen to fail, and to let pass what is near to a failure.

const file = (text: string, path = 'a.ts') => ({ path, text })

describe('banned calls', () => {
  it.each([
    ['const a = Date.now()', 'Date.now; use the clock that the caller passes in'],
    ['const a = new Date', 'new Date(); use the clock that the caller passes in'],
    ['const a = Math.random', 'Math.random; use the randomness that the caller passes in'],
    ['const a = () => setTimeout(f, 1)', 'setTimeout; use the timers that the caller passes in'],
    ['const a = process.env.HOME', 'process; use options that the caller passes in'],
    ['const a = await fetch(url)', 'fetch; use a connector'],
  ])('finds %s', (text, problem) => {
    expect(bannedCalls(file(`\n${text}`))).toEqual([`a.ts:2: ${problem}`])
  })

  it('lets comments, texts, types and what is passed in be', () => {
    const text = `// Date.now() is banned
      const hint = 'Math.random()'
      const date = new Date(0)
      const a = clock.now() + timers.setTimeout(f, 1)
      function process(fetch: () => void) {}`
    expect(bannedCalls(file(text))).toEqual([])
  })
})

describe('sleeps', () => {
  it.each([
    'await new Promise((resolve) => setTimeout(resolve, 50))',
    'await new Promise<void>((done) => { setTimeout(() => done(), 50) })',
    'await sleep(50)',
    "import { setTimeout as wait } from 'node:timers/promises'",
  ])('finds %s', (text) => {
    expect(sleeps(file(text))).toHaveLength(1)
  })

  it('lets deadlines and faked time be', () => {
    const text = `new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 50))
      jest.setTimeout(5)
      setTimeout(() => server.close(), 5)`
    expect(sleeps(file(text))).toEqual([])
  })
})

describe('length of files', () => {
  const lines = (count: number, path: string) => file('x\n'.repeat(count), path)

  it('has a limit, and for longer files one that only goes down', () => {
    const files = [lines(400, 'right.ts'), lines(401, 'long.ts'), lines(500, 'old.ts'), lines(500, 'grown.ts')]
    const problems = lengthProblems([...files, lines(499, 'shrunk.ts')], {
      'old.ts': 500,
      'grown.ts': 450,
      'shrunk.ts': 500,
      'gone.ts': 600,
    })
    expect(problems).toEqual([
      'long.ts: 401 lines, at most 400: split it',
      'grown.ts: 500 lines, at most 450: it may only shrink',
      'shrunk.ts: 499 lines; lower its entry in ratchet.ts from 500',
      'gone.ts is gone: remove its entry from ratchet.ts',
    ])
  })
})

describe('dead files', () => {
  it('are those that only tests or nobody names', () => {
    const files = [
      file("import './used.ts'", 'libs/x/src/index.ts'),
      file("new Worker(new URL('./thread.js', import.meta.url))", 'libs/x/src/used.ts'),
      file('', 'libs/x/src/thread.ts'),
      file('', 'libs/x/src/tested.ts'),
      file("import './tested.ts'", 'libs/x/src/tested.spec.ts'),
      file('// see self.ts', 'libs/x/src/self.ts'),
    ]
    expect(deadFiles(files)).toEqual(['libs/x/src/tested.ts', 'libs/x/src/self.ts'])
  })
})

describe('banned words', () => {
  it('are found with their line and what to write instead', () => {
    const todo = ['TO', 'DO'].join('')
    expect(wordsOf(file(`fine\n// ${todo}: later`))).toEqual([`a.ts:2: ${todo}; do it, or open an issue`])
  })
})

describe('versions', () => {
  it('must be exact', () => {
    const manifest = { dependencies: { a: '1.2.3', b: '^1.2.3', c: '*' }, devDependencies: { d: 'npm:e@7.0.2' } }
    expect(looseVersions(file(JSON.stringify(manifest), 'package.json'))).toEqual([
      'package.json: b@^1.2.3; name one version',
      'package.json: c@*; name one version',
    ])
  })
})

describe('links', () => {
  const pages: Record<string, string> = {
    'docs/a.md': '# One\n## Two words, `code`\n',
    'docs/sub/b.md':
      '[ok](../a.md#two-words-code) [web](https://x.y/z) [gone](../c.md)\n[heading](../a.md#three) `[no](link)` <img src="i.png">',
  }

  it('must lead to a file, and to a heading in it', () => {
    const page = { path: 'docs/sub/b.md', text: pages['docs/sub/b.md']! }
    expect(
      brokenLinks(
        page,
        (path) => path in pages,
        (path) => pages[path]!,
      ),
    ).toEqual([
      'docs/sub/b.md:1: ../c.md',
      'docs/sub/b.md:2: ../a.md#three (no such heading)',
      'docs/sub/b.md:2: i.png',
    ])
  })

  it('are not the only way to name a file: paths in backticks must be there too', () => {
    const page = file('see `libs/a.ts`, `libs/b.ts`, `libs/<kind>.ts` and `x/y`', 'a.md')
    expect(lostPaths(page, (path) => path === 'libs/a.ts')).toEqual(['a.md:1: libs/b.ts'])
  })
})
