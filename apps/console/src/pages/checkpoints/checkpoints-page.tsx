import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconBookmark } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { presentError } from '../../components/error-view.ts'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import table from '../../components/table.module.css'
import { useNow } from '../../components/use-now.ts'
import { useMay, useServices } from '../../services.tsx'
import { useJob } from '../job/use-job.ts'
import { presentCheckpoints, presentCounts, savepointAction, type CheckpointRow } from './presenter.ts'

const route = getRouteApi('/signed-in/jobs/$name/checkpoints')

export function CheckpointsPage() {
  const { name } = route.useParams()
  const { queries } = useServices()
  const now = useNow(1_000)
  const job = useJob(name)
  const checkpoints = useQuery(queries.checkpoints(name))
  if (checkpoints.error) return <Problem error={checkpoints.error} onRetry={() => void checkpoints.refetch()} />
  const rows = presentCheckpoints(checkpoints.data?.items ?? [], now)
  const counts = presentCounts(job, now)
  return (
    <Panel
      title="Checkpoints"
      note={[
        checkpoints.data?.nextCursor ? `the newest ${rows.length}` : 'what the job goes on from when it starts anew',
        ...(counts === null ? [] : [counts]),
      ].join(' · ')}
      actions={<TakeSavepoint name={name} />}
      padded={false}
    >
      {checkpoints.isPending ? (
        <LoadingRows />
      ) : rows.length === 0 ? (
        <Empty icon={<IconBookmark size={20} />} title="No checkpoint yet">
          <p>A job that runs makes the first after the interval that its settings say.</p>
        </Empty>
      ) : (
        <CheckpointTable rows={rows} />
      )}
    </Panel>
  )
}

function TakeSavepoint({ name }: { readonly name: string }) {
  const { client, queries } = useServices()
  const may = useMay()
  const cache = useQueryClient()
  const job = useJob(name)
  const take = useMutation({
    mutationFn: () => client.takeSavepoint({ params: { name } }),
    onSuccess: (deployment) => cache.setQueryData(queries.job(name).queryKey, { ...job, deployment }),
    onError: (error) => {
      const { code, message, nextStep } = presentError(error)
      notifications.show({ color: 'red', title: message, message: `${nextStep} (${code})`, autoClose: 12_000 })
    },
  })
  const action = savepointAction(job)
  if (!may('takeSavepoint') || action === 'impossible') return null
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconBookmark size={14} />}
      loading={take.isPending || action === 'pending'}
      title="A checkpoint that is kept apart from those that come and go; the job goes on"
      onClick={() => take.mutate()}
    >
      Take a savepoint
    </Button>
  )
}

function CheckpointTable({ rows }: { readonly rows: readonly CheckpointRow[] }) {
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Number</th>
            <th>Made</th>
            <th title="From the first barrier until it existed">Took</th>
            <th title="The longest that inputs of one subtask waited for its others">Aligned</th>
            <th title="The longest that one subtask stood still for its snapshot">Paused</th>
            <th title="How long sinks took to commit its output, once it existed">Committed</th>
            <th>Size</th>
            <th>Attempt</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.number}>
              <td className={table.nowrap}>
                {row.number} {row.isSavepoint && <Badge tone="good" label="savepoint" />}
              </td>
              <td className={table.nowrap} title={row.madeTitle}>
                {row.made}
              </td>
              <td className={table.quiet}>{row.took}</td>
              <td className={table.quiet}>{row.aligned}</td>
              <td className={table.quiet}>{row.paused}</td>
              <td className={table.quiet}>{row.committed}</td>
              <td className={table.quiet}>{row.size}</td>
              <td className={table.quiet}>{row.attempt}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
