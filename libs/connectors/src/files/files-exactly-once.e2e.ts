import { globSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@lightflus/testing/services'
import { describeExactlyOnce } from '../testing/exactly-once-contract.ts'

const folder = temporaryFolder('files-exactly-once')
const out = join(folder.path, 'out')
const read = () =>
  globSync('**/*.jsonl', { cwd: out, exclude: (path) => path.startsWith('.') }).flatMap((name) =>
    readFileSync(join(out, name), 'utf8').split('\n').slice(0, -1).map(Number),
  )

afterEach(() => rm(out, { recursive: true }))
afterAll(() => folder.remove())

describeExactlyOnce('files', () => ({
  target: {
    kind: 'files',
    options: { path: join(out, 'n.jsonl'), format: 'jsonl', delivery: 'exactly-once' },
  },
  read: () => Promise.resolve(read()),
  requests: 60,
}))
