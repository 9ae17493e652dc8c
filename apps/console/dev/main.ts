import { parseArgs } from 'node:util'
import { fixturePassword, scenarios } from './fixture/platform.ts'
import { startFixtureServer } from './fixture/server.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '4400' } } })
const server = await startFixtureServer(Number(values.port))
console.log(`The console over made-up data: ${server.url}
Sign in as demo@lightflus.dev with ${fixturePassword}.
Another story: set the cookie fixture-scenario to one of ${scenarios.join(', ')}.`)
