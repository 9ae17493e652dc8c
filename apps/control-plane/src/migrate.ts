/**
 * `node dist/migrate.js`: brings the database of DATABASE_URL to this release's schema. `--status` only says what is
 * missing. Ends with 0, or with 1 and a message. Helm runs it before each installation and upgrade.
 */
import { isLightflusError, LightflusError } from '@lightflus/api'
import { migrate, migrationStatus } from './database/migrate.ts'

try {
  const databaseUrl = process.env.DATABASE_URL
  if (!databaseUrl) throw new LightflusError('LF_CONFIG_INVALID', 'DATABASE_URL is not set.')
  if (process.argv.includes('--status')) {
    const { pending } = await migrationStatus(databaseUrl)
    console.log(pending.length === 0 ? 'The database is up to date.' : `To be applied: ${pending.join(', ')}`)
  } else {
    const applied = await migrate(databaseUrl)
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`)
  }
} catch (error) {
  console.error(isLightflusError(error) ? `${error.code}: ${error.message}\n${error.nextStep}` : error)
  process.exitCode = 1
}
