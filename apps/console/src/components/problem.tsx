import { isLightflusError } from '@lightflus/api'
import { Button, Code } from '@mantine/core'
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react'
import { presentError } from './error-view.ts'
import classes from './problem.module.css'

interface ProblemProps {
  readonly error: unknown
  readonly onRetry?: () => void
  /** In one line, for use inside a form. */
  readonly compact?: boolean
}

/** What went wrong, its code, and what to do; the only form in which the console shows an error of the API. */
export function Problem({ error, onRetry, compact = false }: ProblemProps) {
  const view = presentError(error)
  return (
    <div className={classes.problem} data-compact={compact || undefined} data-tone="bad" role="alert">
      <IconAlertTriangle size={compact ? 16 : 18} className={classes.icon} aria-hidden="true" />
      <div className={classes.text}>
        <p className={classes.message}>{view.message}</p>
        {view.nextStep && <p className={classes.next}>{view.nextStep}</p>}
        <p className={classes.facts}>
          <Code>{view.code}</Code>
          {view.requestId && <span>request {view.requestId}</span>}
        </p>
      </div>
      {onRetry && (
        <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry} className={classes.retry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Whether the API said that the thing asked for does not exist. */
export const isNotFound = (error: unknown): boolean => isLightflusError(error) && error.details.status === 404
