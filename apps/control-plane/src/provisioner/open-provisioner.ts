import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import type { Config } from '../config/config.ts'
import { installationRoot } from '../embedded/installation.ts'
import { ProcessProvisioner } from './process/process-provisioner.ts'
import type { Provisioner } from './provisioner.ts'

/**
 * The driver that the configuration asks for.
 * @throws LF_CONFIG_INVALID, LF_PROVISIONER_FAILED
 */
export async function openProvisioner({
  provisioner,
  dataDir,
}: Pick<Config, 'provisioner' | 'dataDir'>): Promise<Provisioner> {
  if (provisioner !== 'process')
    throw new LightflusError('LF_CONFIG_INVALID', `There is no provisioner ${provisioner}.`)
  if (dataDir === null)
    throw new LightflusError('LF_CONFIG_INVALID', 'LIGHTFLUS_DATA_DIR: needed when LIGHTFLUS_PROVISIONER is process')
  return ProcessProvisioner.open({
    folder: join(dataDir, 'workers'),
    program: {
      node: process.execPath,
      entry: join(installationRoot, 'apps', 'worker', 'dist', 'main.js'),
      codeFolders: ['apps/worker', 'libs', 'node_modules'].map((folder) => join(installationRoot, folder)),
      filesFolders: [join(dataDir, 'files')],
    },
  })
}
