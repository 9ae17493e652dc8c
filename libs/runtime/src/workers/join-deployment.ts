import { LightflusError } from '@lightflus/api'
import { loadTopicLogs } from '@lightflus/connectors'
import type { DeploymentOptions } from '../deployment.ts'
import { resolveOptions } from '../deployment-options.ts'
import type { PeerHandle, Placement } from '../placement.ts'
import { PeerSession } from './peer-session.ts'
import { Peer } from './peer.ts'
import { threadSlots } from './thread-slots.ts'

/**
 * Runs a worker's share of a deployment in this process: whatever the coordinator, `startDeployment` in worker 0, starts
 * there. Of the options all that say what the program does must be those of the coordinator; of the callbacks only `onLog`
 * is called, with what concerns this worker.
 * @throws LF_DEPLOYMENT_OPTION
 */
export function joinDeployment(options: DeploymentOptions & { readonly placement: Placement }): PeerHandle {
  const resolved = resolveOptions(options)
  const { placement } = options
  if (placement.worker > 0)
    return new Peer({
      options: resolved,
      placement,
      loadTopics: () => loadTopicLogs(placement.exchange),
      createSession: (session) => new PeerSession(session, threadSlots(session.options)),
    })
  throw new LightflusError(
    'LF_DEPLOYMENT_OPTION',
    `Job ${options.jobName}: worker 0 hosts the coordinator, so it starts the deployment, and joins none.`,
    { details: { job: options.jobName } },
  )
}
