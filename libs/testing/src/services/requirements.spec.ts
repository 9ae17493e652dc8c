import { installCommand, missingPrograms } from './requirements.ts'
import { temporaryFolder } from './temporary-folder.ts'

const before = process.env

afterEach(() => {
  process.env = before
})

describe('missingPrograms', () => {
  it('names what a bare machine lacks and what cannot run without it', async () => {
    await using empty = temporaryFolder('bare')
    process.env = { PATH: empty.path, XDG_CACHE_HOME: empty.path }
    const missing = await missingPrograms()
    expect(missing.map(({ debianPackage, neededBy }) => [debianPackage, neededBy])).toEqual([
      ['default-jre-headless', ['kafka', 's3']],
      ['maven', ['kafka', 'redis', 'mysql', 's3']],
      ['chromium', ['browser']],
    ])
    expect(installCommand(missing)).toMatch(/maven/i)
  })

  it('asks for nothing that the environment already names', async () => {
    await using empty = temporaryFolder('bare')
    process.env = { PATH: empty.path, XDG_CACHE_HOME: empty.path, CHROME_PATH: '/opt/chrome' }
    Object.assign(process.env, { KAFKA_BOOTSTRAP: 'a:1', REDIS_URL: 'redis://b', MYSQL_URL: 'mysql://c' })
    process.env.S3_ENDPOINT = 'http://e'
    expect(await missingPrograms()).toEqual([])
  })
})
