import { Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Job } from '@lightflus/contracts'
import { IconChevronDown, IconPlayerPause, IconPlayerPlay, IconRocket, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { StateBadge } from '../../components/badge.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { presentError } from '../../components/error-view.ts'
import { LinkBadge } from '../../live/link-status.tsx'
import { useMay, useServices } from '../../services.tsx'
import { DeployDialog } from './deploy-dialog.tsx'
import { presentJobHeader, type VerbView } from './header-presenter.ts'
import classes from './job-header.module.css'

/** Name, state and what can be done. */
export function JobHeader({ job }: { readonly job: Job }) {
  const view = presentJobHeader(job)
  return (
    <header className={classes.header}>
      <div className={classes.names}>
        <Link to="/jobs" className={classes.up}>
          Jobs
        </Link>
        <div className={classes.title}>
          <h1>{view.name}</h1>
          <StateBadge state={view.state} />
          <LinkBadge />
        </div>
        <p className={classes.sentence}>{view.sentence}</p>
      </div>
      <Actions job={job} />
    </header>
  )
}

type Asked =
  { readonly kind: 'verb'; readonly verb: VerbView } | { readonly kind: 'deploy' } | { readonly kind: 'delete' }

function Actions({ job }: { readonly job: Job }) {
  const { client, queries } = useServices()
  const may = useMay()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [asked, setAsked] = useState<Asked>()
  const { name, primary, others, canDelete } = presentJobHeader(job)
  const call = async (verb: VerbView): Promise<void> => {
    const deployment = await client[verb.route]({ params: { name } })
    cache.setQueryData(queries.job(name).queryKey, { ...job, deployment })
  }
  const now = useMutation({
    mutationFn: call,
    onError: (error) => {
      const { code, message, nextStep } = presentError(error)
      notifications.show({ color: 'red', title: message, message: `${nextStep} (${code})`, autoClose: 12_000 })
    },
  })
  if (!may('suspendJob')) return null
  const start = (verb: VerbView): void => (verb.confirm === null ? now.mutate(verb) : setAsked({ kind: 'verb', verb }))

  return (
    <div className={classes.actions}>
      {primary && (
        <Button
          variant={primary.verb === 'resume' ? 'filled' : 'default'}
          leftSection={primary.verb === 'resume' ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
          loading={now.isPending}
          onClick={() => start(primary)}
        >
          {primary.label}
        </Button>
      )}
      <Button
        variant={primary || others.length > 0 ? 'default' : 'filled'}
        leftSection={<IconRocket size={14} />}
        disabled={job.latestVersion === null}
        onClick={() => setAsked({ kind: 'deploy' })}
      >
        Deploy…
      </Button>
      {(others.length > 0 || canDelete) && (
        <Menu position="bottom-end" width={290}>
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={14} />}>
              {others.length > 0 ? 'End' : 'More'}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map((verb) => (
              <Menu.Item key={verb.verb} color={verb.verb === 'cancel' ? 'red' : undefined} onClick={() => start(verb)}>
                <span className={classes.verb}>{verb.label}…</span>
                <span className={classes.does}>{verb.does}</span>
              </Menu.Item>
            ))}
            {canDelete && (
              <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => setAsked({ kind: 'delete' })}>
                Delete the job…
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {asked?.kind === 'verb' && (
        <Confirm
          title={`${asked.verb.label} ${name}?`}
          verb={asked.verb.label}
          danger={asked.verb.verb === 'cancel'}
          onConfirm={() => call(asked.verb)}
          onClose={() => setAsked(undefined)}
        >
          {asked.verb.confirm}
        </Confirm>
      )}
      {asked?.kind === 'deploy' && <DeployDialog job={job} onClose={() => setAsked(undefined)} />}
      {asked?.kind === 'delete' && (
        <Confirm
          title={`Delete ${name}?`}
          verb="Delete"
          onConfirm={async () => {
            await client.deleteJob({ params: { name } })
            await navigate({ to: '/jobs' })
            cache.removeQueries({ queryKey: ['job', name] })
            await cache.invalidateQueries({ queryKey: ['jobs'] })
          }}
          onClose={() => setAsked(undefined)}
        >
          Its versions, events, logs, checkpoints and savepoints are deleted with it. What its sinks have written stays.
        </Confirm>
      )}
    </div>
  )
}
