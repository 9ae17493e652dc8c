import { Code } from '@mantine/core'
import type { Job, Version } from '@lightflus/contracts'
import { IconAlertTriangle, IconArrowRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { ProgramText } from '../../components/program-text.tsx'
import classes from './failure-panel.module.css'
import { presentFailure } from './overview-presenter.ts'

interface FailurePanelProps {
  readonly job: Job
  readonly program: Version['program'] | undefined
}

/** Why a deployment failed or keeps failing: what happened, where in the program, and what to do. */
export function FailurePanel({ job, program }: FailurePanelProps) {
  const deployment = job.deployment
  if (!deployment?.status.error) return null
  const view = presentFailure(deployment.status.error, program)
  return (
    <section
      className={classes.failure}
      data-tone={deployment.status.state === 'FAILED' ? 'bad' : 'warning'}
      aria-label="Error"
    >
      <div className={classes.text}>
        <IconAlertTriangle size={18} className={classes.icon} aria-hidden="true" />
        <div className={classes.words}>
          <p className={classes.message}>{view.message}</p>
          {view.cause && <p className={classes.cause}>{view.cause}</p>}
          <p className={classes.next}>
            <IconArrowRight size={14} aria-label="What to do" />
            {view.nextStep}
          </p>
          <p className={classes.facts}>
            <Code>{view.code}</Code>
            {view.facts.map(([name, value]) => (
              <span key={name}>
                {name} <strong>{value}</strong>
              </span>
            ))}
          </p>
        </div>
      </div>
      {view.source && (
        <div className={classes.source}>
          <Link
            to="/jobs/$name/versions/$version"
            params={{ name: job.name, version: deployment.spec.version }}
            search={{ line: view.source.line }}
            className={classes.place}
          >
            {program?.fileName}:{view.source.line} in version {deployment.spec.version}
          </Link>
          <ProgramExcerpt source={view.source} />
        </div>
      )}
    </section>
  )
}

function ProgramExcerpt({ source }: { readonly source: NonNullable<ReturnType<typeof presentFailure>['source']> }) {
  return <ProgramText text={source.lines.join('\n')} from={source.from} line={source.line} scroll={false} />
}
