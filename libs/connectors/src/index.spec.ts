import { execFileSync } from 'node:child_process'
import { connectorKinds, loadConnector } from './index.ts'

test('there is a connector for every kind, under its own name', async () => {
  expect(connectorKinds).toEqual(['files', 'generator', 'http', 'kafka', 'mysql', 'redis', 'table'])
  for (const kind of connectorKinds) expect(await loadConnector(kind)).toMatchObject({ kind })
  expect(await loadConnector('toString')).toBeUndefined()
})

// Goal: a job without MySQL does not pay for its client at start.
test('loading the connectors loads none of the client libraries', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
    const { connectorKinds, loadConnector } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
    await Promise.all(connectorKinds.map(loadConnector))
    console.log(loaded.filter((url) => /\\/node_modules\\/(kafkajs|mysql2|ioredis|hyparquet|csv-parse)/.test(url)).join())
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
