import { Button } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Badge } from '../../components/badge.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { Empty } from '../../components/empty.tsx'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import table from '../../components/table.module.css'
import { useNow } from '../../components/use-now.ts'
import { useMay, useServices } from '../../services.tsx'
import { CreateKeyDialog } from './create-key-dialog.tsx'
import { presentApiKeys, type ApiKeyRow } from './presenter.ts'

type Asked = { readonly kind: 'create' } | { readonly kind: 'revoke'; readonly key: ApiKeyRow }

export function ApiKeysPage() {
  const { client, queries } = useServices()
  const may = useMay()
  const cache = useQueryClient()
  const now = useNow(30_000)
  const keys = useQuery(queries.apiKeys())
  const [asked, setAsked] = useState<Asked>()
  const rows = presentApiKeys(keys.data?.items ?? [], now)
  const create = may('createApiKey') && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setAsked({ kind: 'create' })}>
      New API key
    </Button>
  )
  return (
    <Page
      title="API keys"
      description="For CI, scripts and the command line; each with a role of its own"
      actions={rows.length > 0 && create}
    >
      {keys.error && <Problem error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data && rows.length === 0 && (
        <Panel>
          <Empty icon={<IconKey size={20} />} title="No API key yet">
            <p>
              A key lets a program act for this tenant without anybody’s password, with a role and an end of its own.
            </p>
            {create}
          </Empty>
        </Panel>
      )}
      {(keys.isPending || rows.length > 0) && (
        <Panel padded={false}>
          {keys.isPending ? (
            <LoadingRows rows={4} />
          ) : (
            <KeysTable
              rows={rows}
              onRevoke={may('deleteApiKey') ? (key) => setAsked({ kind: 'revoke', key }) : undefined}
            />
          )}
        </Panel>
      )}
      {asked?.kind === 'create' && <CreateKeyDialog onClose={() => setAsked(undefined)} />}
      {asked?.kind === 'revoke' && (
        <Confirm
          title={`Revoke ${asked.key.name}?`}
          verb="Revoke"
          onConfirm={async () => {
            await client.deleteApiKey({ params: { id: asked.key.id } })
            await cache.invalidateQueries({ queryKey: queries.apiKeys().queryKey })
          }}
          onClose={() => setAsked(undefined)}
        >
          Whatever uses <code className="mono">{asked.key.prefix}</code> is refused from now on. It was last used:{' '}
          {asked.key.lastUsed}.
        </Confirm>
      )}
    </Page>
  )
}

interface KeysTableProps {
  readonly rows: readonly ApiKeyRow[]
  readonly onRevoke: ((key: ApiKeyRow) => void) | undefined
}

function KeysTable({ rows, onRevoke }: KeysTableProps) {
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Name</th>
            <th className={table.wide}>Key</th>
            <th className={table.wide}>Role</th>
            <th className={table.wide}>Made</th>
            <th className={table.wide}>Last used</th>
            <th>Expires</th>
            <th aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td className={table.nowrap}>{row.name}</td>
              <td className={`${table.wide} mono`}>{row.prefix}</td>
              <td className={table.wide}>{row.role}</td>
              <td className={`${table.quiet} ${table.nowrap} ${table.wide}`} title={row.createdTitle}>
                {row.created}
              </td>
              <td className={`${table.quiet} ${table.nowrap} ${table.wide}`}>{row.lastUsed}</td>
              <td className={table.nowrap}>
                {row.tone === 'neutral' ? (
                  <span className={table.quiet}>{row.expires}</span>
                ) : (
                  <Badge tone={row.tone} label={row.expires} />
                )}
              </td>
              <td className={table.number}>
                {onRevoke && (
                  <Button variant="default" size="compact-xs" onClick={() => onRevoke(row)}>
                    Revoke…
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
