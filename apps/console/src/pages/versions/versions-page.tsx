import { IconVersions } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import table from '../../components/table.module.css'
import { useNow } from '../../components/use-now.ts'
import { useServices } from '../../services.tsx'
import { useJob } from '../job/use-job.ts'
import { presentVersions } from './presenter.ts'

const route = getRouteApi('/signed-in/jobs/$name/versions')

export function VersionsPage() {
  const { name } = route.useParams()
  const { queries } = useServices()
  const now = useNow(10_000)
  const job = useJob(name)
  const versions = useQuery(queries.versions(name))
  if (versions.error) return <Problem error={versions.error} onRetry={() => void versions.refetch()} />
  const rows = presentVersions(versions.data?.items ?? [], job, now)
  return (
    <Panel
      title="Versions"
      note={versions.data?.nextCursor ? `the newest ${rows.length}` : 'each an immutable program with its graph'}
      padded={false}
    >
      {versions.isPending ? (
        <LoadingRows />
      ) : rows.length === 0 ? (
        <Empty icon={<IconVersions size={20} />} title="No version yet">
          <p>
            <code className="mono">lightflus apply -f</code> makes one of a program.
          </p>
        </Empty>
      ) : (
        <div className={table.scroll}>
          <table className={`${table.table} ${table.clickable}`}>
            <thead>
              <tr>
                <th>Version</th>
                <th>Made</th>
                <th>By</th>
                <th>Graph</th>
                <th>Warnings</th>
                <th>Bundle</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.version}>
                  <td className={table.nowrap}>
                    <Link
                      to="/jobs/$name/versions/$version"
                      params={{ name, version: row.version }}
                      className={table.cover}
                    >
                      Version {row.version}
                    </Link>{' '}
                    {row.deployed && <Badge tone="good" label="deployed" />}
                  </td>
                  <td className={table.nowrap} title={row.createdTitle}>
                    {row.created}
                  </td>
                  <td className={table.quiet}>{row.createdBy}</td>
                  <td className={table.quiet}>{row.graphChanged ? 'changed' : 'as before'}</td>
                  <td>
                    {row.warnings > 0 ? (
                      <Badge tone="warning" label={String(row.warnings)} />
                    ) : (
                      <span className={table.quiet}>none</span>
                    )}
                  </td>
                  <td className={`${table.quiet} mono`}>{row.hash}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}
