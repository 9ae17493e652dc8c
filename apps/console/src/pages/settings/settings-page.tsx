import { Button } from '@mantine/core'
import { IconAdjustments } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { useNow } from '../../components/use-now.ts'
import { useMay } from '../../services.tsx'
import { DeployDialog } from '../job/deploy-dialog.tsx'
import { useJob } from '../job/use-job.ts'
import { presentSettings } from './presenter.ts'
import classes from './settings-page.module.css'

const route = getRouteApi('/signed-in/jobs/$name/settings')

export function SettingsPage() {
  const { name } = route.useParams()
  const may = useMay()
  const now = useNow()
  const job = useJob(name)
  const view = presentSettings(job, now)
  const [changing, setChanging] = useState(false)
  const change = may('deployJob') && job.latestVersion !== null && (
    <Button variant="default" onClick={() => setChanging(true)}>
      {view ? 'Deploy with other settings…' : 'Deploy…'}
    </Button>
  )
  return (
    <>
      {view ? (
        <div className={classes.columns}>
          <Panel
            title="Wanted"
            note={view.pending ? <Badge tone="busy" label="not yet acted on" pulse /> : undefined}
            actions={change}
          >
            <Facts facts={view.wanted} />
          </Panel>
          <Panel title="Observed">
            <Facts facts={view.observed} />
          </Panel>
        </div>
      ) : (
        <Panel>
          <Empty icon={<IconAdjustments size={20} />} title="Never deployed">
            <p>A deploy sets parallelism, checkpoint interval and worker.</p>
            {change}
          </Empty>
        </Panel>
      )}
      {changing && <DeployDialog job={job} onClose={() => setChanging(false)} />}
    </>
  )
}
