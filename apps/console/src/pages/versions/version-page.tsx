import { Button, Skeleton } from '@mantine/core'
import { IconArrowLeft, IconRocket } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { CopyButton } from '../../components/copy-button.tsx'
import { Facts } from '../../components/facts.tsx'
import { LazyGraph } from '../../components/graph/lazy-graph.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import { ProgramText } from '../../components/program-text.tsx'
import { useNow } from '../../components/use-now.ts'
import { useMay, useServices } from '../../services.tsx'
import { DeployDialog } from '../job/deploy-dialog.tsx'
import { useJob } from '../job/use-job.ts'
import { presentVersion } from './presenter.ts'
import classes from './version-page.module.css'

const route = getRouteApi('/signed-in/jobs/$name/versions/$version')

export function VersionPage() {
  const { name, version: number } = route.useParams()
  const { line } = route.useSearch()
  const { queries } = useServices()
  const may = useMay()
  const now = useNow(10_000)
  const job = useJob(name)
  const version = useQuery(queries.version(name, number))
  const [deploying, setDeploying] = useState(false)

  if (version.error) return <Problem error={version.error} onRetry={() => void version.refetch()} />
  if (!version.data) return <Skeleton height={420} />
  const view = presentVersion(version.data, now)
  const { program, graph } = version.data
  return (
    <>
      <div className={classes.head}>
        <Link to="/jobs/$name/versions" params={{ name }} className={classes.back}>
          <IconArrowLeft size={14} /> All versions
        </Link>
        <h2>Version {number}</h2>
        {may('deployJob') && (
          <Button variant="default" leftSection={<IconRocket size={14} />} onClick={() => setDeploying(true)}>
            Deploy this version…
          </Button>
        )}
      </div>
      <Panel title="Graph" padded={false}>
        <LazyGraph graph={graph} />
      </Panel>
      <div className={classes.columns}>
        <Panel
          title={program.fileName}
          note={view.general.length > 0 ? view.general.join(' ') : undefined}
          padded={false}
          actions={<CopyButton value={program.text} label="Copy the program" />}
        >
          <ProgramText text={program.text} line={line} notes={view.notes} />
        </Panel>
        <Panel title="About">
          <Facts facts={view.facts} />
        </Panel>
      </div>
      {deploying && <DeployDialog job={job} version={number} onClose={() => setDeploying(false)} />}
    </>
  )
}
