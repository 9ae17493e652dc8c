import { deploymentStateFacts, type DeploymentState } from '@lightflus/contracts'
import { Tooltip } from '@mantine/core'
import classes from './badge.module.css'
import { stateLabel, type Tone } from './state-label.ts'

/** A short word in the colour of its role; `pulse` for what goes on right now, `quiet` for what is said beside. */
export function Badge({
  tone,
  label,
  pulse = false,
  quiet = false,
}: {
  readonly tone: Tone
  readonly label: string
  readonly pulse?: boolean
  readonly quiet?: boolean
}) {
  return (
    <span className={classes.badge} data-tone={tone} data-quiet={quiet || undefined}>
      <span className={classes.dot} data-pulse={pulse || undefined} />
      {label}
    </span>
  )
}

/** The state of a deployment, with its sentence on hover. Null: never deployed. */
export function StateBadge({ state }: { readonly state: DeploymentState | null }) {
  if (state === null) return <Badge tone="neutral" label="Not deployed" />
  const { tone, sentence } = deploymentStateFacts[state]
  return (
    <Tooltip label={sentence}>
      <span>
        <Badge
          tone={tone}
          label={stateLabel(state)}
          pulse={tone === 'busy' || state === 'RUNNING' || state === 'RESTARTING'}
        />
      </span>
    </Tooltip>
  )
}
