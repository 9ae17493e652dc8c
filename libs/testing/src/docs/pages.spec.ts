import { catalogue, type ErrorEntry } from '@lightflus/api'
import { existsSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { generatedPages } from './pages.ts'

const root = resolve(import.meta.dirname, '..', '..', '..', '..')
const entries = Object.entries<ErrorEntry>(catalogue)

function faultsOf(code: string, entry: ErrorEntry): string[] {
  const sentence = /^[A-Z`-].{10,}\.$/s
  return [
    ...(/^LF_[A-Z0-9]+(_[A-Z0-9]+)*$/.test(code) ? [] : ['the code is not of the form LF_WORDS']),
    ...(sentence.test(entry.meaning) ? [] : ['the meaning is not a sentence']),
    ...(sentence.test(entry.nextStep) ? [] : ['the next step is not a sentence']),
    ...(entry.example.length > 10 && entry.example !== entry.meaning ? [] : ['there is no example']),
  ].map((fault) => `${code}: ${fault}`)
}

describe('the catalogue of errors', () => {
  it('says of every code what happened, what to do, and how it looks', () => {
    expect(entries.flatMap(([code, entry]) => faultsOf(code, entry))).toEqual([])
    const empty: ErrorEntry = { domain: 'user', retry: false, meaning: '', nextStep: 'none', example: '' }
    expect(faultsOf('lf_empty', empty)).toHaveLength(4)
  })

  it('never gives the same meaning to two codes', () => {
    expect(new Set(entries.map(([, entry]) => entry.meaning)).size).toBe(entries.length)
  })
})

describe('the generated pages', () => {
  it.each(generatedPages.map((page) => [relative(root, page.file), page] as const))(
    '%s is what the code makes of it; otherwise run `npm run docs`',
    async (_name, { file, text }) => {
      expect(existsSync(file) && readFileSync(file, 'utf8')).toBe(await text())
    },
  )
})
