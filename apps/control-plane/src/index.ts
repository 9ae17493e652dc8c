export { type Config, readConfig } from './config/config.ts'
export { migrate, migrationStatus, type MigrationStatus } from './database/migrate.ts'
export { type ControlPlane, type ControlPlaneDrivers, startControlPlane } from './start.ts'
