import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import type { Config } from '../config/config.ts'
import type { KubernetesConfig } from '../config/kubernetes-config.ts'
import { installationRoot } from '../embedded/installation.ts'
import { ProcessProvisioner } from './process/process-provisioner.ts'
import type { Provisioner } from './provisioner.ts'

/**
 * The driver that the configuration asks for.
 * @throws LF_CONFIG_INVALID, LF_PROVISIONER_FAILED
 */
export async function openProvisioner({
  kubernetes,
  dataDir,
}: Pick<Config, 'kubernetes' | 'dataDir'>): Promise<Provisioner> {
  if (kubernetes) return openInCluster(kubernetes)
  if (dataDir === null)
    throw new LightflusError('LF_CONFIG_INVALID', 'LIGHTFLUS_DATA_DIR: needed when LIGHTFLUS_PROVISIONER is process')
  return ProcessProvisioner.open({
    folder: join(dataDir, 'workers'),
    program: {
      node: process.execPath,
      entry: join(installationRoot, 'apps', 'worker', 'dist', 'main.js'),
      codeFolders: ['apps/worker', 'libs', 'node_modules'].map((folder) => join(installationRoot, folder)),
      filesFolder: join(dataDir, 'files'),
    },
  })
}

async function openInCluster(config: KubernetesConfig): Promise<Provisioner> {
  // Loaded only where it is used: the client of Kubernetes takes 90 MB of memory.
  const [{ Cluster }, { KubernetesProvisioner }] = await Promise.all([
    import('./kubernetes/cluster.ts'),
    import('./kubernetes/kubernetes-provisioner.ts'),
  ])
  return new KubernetesProvisioner({ cluster: Cluster.fromEnvironment(), config })
}
