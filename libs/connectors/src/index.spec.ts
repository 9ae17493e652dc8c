import { execFileSync } from 'node:child_process'
import { connectors } from './index.ts'

test('there is a connector for every kind, under its own name', () => {
  expect([...connectors].map(([kind, connector]) => [kind, connector.kind])).toEqual(
    ['files', 'generator', 'kafka', 'mysql', 'redis', 'table'].map((kind) => [kind, kind]),
  )
})

// Goal: a job without MySQL does not pay for its client at start.
test('importing the connectors loads none of the client libraries', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
    await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
    console.log(loaded.filter((url) => url.includes('/node_modules/') && !url.includes('@lightflus')).join())
  `
  const args = [
    '--conditions=@lf/source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '--eval',
    script,
  ]
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe('')
})
