import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bannedCalls, sleeps } from './calls.ts'
import { deadFiles } from './dead-files.ts'
import { looseVersions } from './dependencies.ts'
import { brokenLinks, lostPaths } from './links.ts'
import { lengthProblems, longFiles } from './ratchet.ts'
import { isCode, isTest, root, sourceTree } from './source-tree.ts'
import { wordsOf } from './words.ts'

const tree = sourceTree()
const texts = new Map(tree.map(({ path, text }) => [path, text]))
const code = tree.filter(({ path }) => isCode(path))

/** Tests that wait for a span of time because nothing can be waited for, with the reason. */
const sleepsAllowed: Readonly<Record<string, string>> = {}

describe('the repository', () => {
  it('passes time and randomness into the API and the engine', () => {
    const isomorphic = code.filter(({ path }) => /^libs\/(api|engine)\/src\//.test(path) && !isTest(path))
    expect(isomorphic.length).toBeGreaterThan(20)
    expect(isomorphic.flatMap(bannedCalls)).toEqual([])
  })

  it('waits in tests for conditions, never for a time', () => {
    const tests = code.filter(({ path }) => /\.(spec|e2e|k8s|contract|fixture)\.tsx?$/.test(path))
    expect(tests.length).toBeGreaterThan(10)
    expect(tests.filter(({ path }) => !Object.hasOwn(sleepsAllowed, path)).flatMap(sleeps)).toEqual([])
  })

  it('keeps files short', () => {
    expect(lengthProblems(code, longFiles)).toEqual([])
  })

  it('has no file that nothing uses', () => {
    expect(deadFiles(tree)).toEqual([])
  })

  it('uses none of the banned words', () => {
    expect(tree.flatMap(wordsOf)).toEqual([])
  })

  it('pins every dependency to one version', () => {
    expect(tree.filter(({ path }) => /(^|\/)package\.json$/.test(path)).flatMap(looseVersions)).toEqual([])
  })

  it('has no relative link in its pages that leads nowhere, and names no path that is not there', () => {
    const pages = tree.filter(({ path }) => path.endsWith('.md'))
    const exists = (path: string) => existsSync(join(root, path))
    expect(pages.flatMap((page) => lostPaths(page, exists))).toEqual([])
    expect(pages.flatMap((page) => brokenLinks(page, exists, (path) => texts.get(path) ?? ''))).toEqual([])
  })
})
