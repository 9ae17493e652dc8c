import { ActionIcon, Button, Loader, Menu } from '@mantine/core'
import type { ConnectionView, RouteOutput } from '@lightflus/contracts'
import { IconDots, IconFilterOff, IconPencil, IconPlugConnected, IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Badge } from '../../components/badge.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { Empty } from '../../components/empty.tsx'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import { SearchField } from '../../components/search-field.tsx'
import table from '../../components/table.module.css'
import { useNow } from '../../components/use-now.ts'
import { useMay, useServices } from '../../services.tsx'
import { ConnectionDialog } from './connection-dialog.tsx'
import classes from './connections-page.module.css'
import { kindLabels } from './kinds.ts'
import { presentConnections, type ConnectionRow } from './presenter.ts'

const route = getRouteApi('/signed-in/connections')

type Asked =
  | { readonly kind: 'add' }
  | { readonly kind: 'change'; readonly connection: ConnectionView }
  | { readonly kind: 'delete'; readonly name: string }

type TestAnswer = RouteOutput<'testConnection'> | { readonly failed: unknown } | 'under way'

export function ConnectionsPage() {
  const { q } = route.useSearch()
  const navigate = route.useNavigate()
  const { client, queries } = useServices()
  const may = useMay()
  const cache = useQueryClient()
  const now = useNow(10_000)
  const connections = useQuery(queries.connections())
  const [asked, setAsked] = useState<Asked>()
  const [answers, setAnswers] = useState<ReadonlyMap<string, TestAnswer>>(new Map())
  const answer = (name: string, is: TestAnswer): void => setAnswers((before) => new Map(before).set(name, is))
  const test = useMutation({
    mutationFn: (name: string) => client.testConnection({ params: { name } }),
    onMutate: (name) => answer(name, 'under way'),
    onSuccess: (result, name) => answer(name, result),
    onError: (failed, name) => answer(name, { failed }),
  })
  const all = connections.data?.items ?? []
  const rows = presentConnections(all, q, now)
  const add = may('putConnection') && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setAsked({ kind: 'add' })}>
      Add a connection
    </Button>
  )

  return (
    <Page
      title="Connections"
      description="Addresses and secrets of the systems that jobs read and write; programs name them"
      actions={all.length > 0 && add}
    >
      {connections.error && <Problem error={connections.error} onRetry={() => void connections.refetch()} />}
      {connections.data && all.length === 0 && (
        <Panel>
          <Empty icon={<IconPlugConnected size={20} />} title="No connection yet">
            <p>
              A job that reads Kafka or writes MySQL or Redis names a connection, so that no address and no secret
              stands in its program.
            </p>
            {add}
          </Empty>
        </Panel>
      )}
      {(connections.isPending || all.length > 0) && (
        <Panel padded={false}>
          <div className={classes.filter}>
            <SearchField
              label="Filter connections"
              value={q ?? ''}
              onChange={(text) => void navigate({ search: { q: text === '' ? undefined : text }, replace: true })}
            />
          </div>
          {connections.isPending ? (
            <LoadingRows rows={4} />
          ) : rows.length === 0 ? (
            <Empty icon={<IconFilterOff size={20} />} title="No connection matches" />
          ) : (
            <div className={table.scroll}>
              <table className={table.table}>
                <thead>
                  <tr>
                    <th>Name</th>
                    <th>Kind</th>
                    <th>Address</th>
                    <th className={table.wide}>Security</th>
                    <th className={table.wide}>Changed</th>
                    <th aria-label="Actions" />
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <Row
                      key={row.name}
                      row={row}
                      answer={answers.get(row.name)}
                      onTest={may('testConnection') ? () => test.mutate(row.name) : undefined}
                      onChange={
                        may('putConnection')
                          ? () => setAsked({ kind: 'change', connection: all.find(({ name }) => name === row.name)! })
                          : undefined
                      }
                      onDelete={
                        may('deleteConnection') ? () => setAsked({ kind: 'delete', name: row.name }) : undefined
                      }
                    />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Panel>
      )}
      {(asked?.kind === 'add' || asked?.kind === 'change') && (
        <ConnectionDialog
          connection={asked.kind === 'change' ? asked.connection : undefined}
          onClose={() => setAsked(undefined)}
          onSaved={(name) => test.mutate(name)}
        />
      )}
      {asked?.kind === 'delete' && (
        <Confirm
          title={`Delete ${asked.name}?`}
          verb="Delete"
          onConfirm={async () => {
            await client.deleteConnection({ params: { name: asked.name } })
            await cache.invalidateQueries({ queryKey: queries.connections().queryKey })
          }}
          onClose={() => setAsked(undefined)}
        >
          Its address and secrets are deleted. Jobs that name it can no longer start.
        </Confirm>
      )}
    </Page>
  )
}

interface RowProps {
  readonly row: ConnectionRow
  readonly answer: TestAnswer | undefined
  readonly onTest: (() => void) | undefined
  readonly onChange: (() => void) | undefined
  readonly onDelete: (() => void) | undefined
}

function Row({ row, answer, onTest, onChange, onDelete }: RowProps) {
  return (
    <>
      <tr data-answered={answer !== undefined || undefined} className={classes.row}>
        <td className={classes.name}>{row.name}</td>
        <td>{kindLabels[row.kind]}</td>
        <td className={`${classes.address} mono`} title={row.addressTitle}>
          {row.address}
        </td>
        <td className={`${table.quiet} ${table.wide}`}>{row.security}</td>
        <td className={`${table.quiet} ${table.nowrap} ${table.wide}`} title={row.updatedTitle}>
          {row.updated}
        </td>
        <td className={classes.actions}>
          {onTest && (
            <Button variant="default" size="compact-xs" onClick={onTest} disabled={answer === 'under way'}>
              Test
            </Button>
          )}
          {(onChange || onDelete) && (
            <Menu position="bottom-end" width={150}>
              <Menu.Target>
                <ActionIcon size="sm" aria-label={`More of ${row.name}`}>
                  <IconDots size={15} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {onChange && (
                  <Menu.Item leftSection={<IconPencil size={14} />} onClick={onChange}>
                    Change…
                  </Menu.Item>
                )}
                {onDelete && (
                  <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={onDelete}>
                    Delete…
                  </Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
          )}
        </td>
      </tr>
      {answer !== undefined && (
        <tr>
          <td colSpan={6} className={classes.answer}>
            <Answer answer={answer} />
          </td>
        </tr>
      )}
    </>
  )
}

function Answer({ answer }: { readonly answer: TestAnswer }) {
  if (answer === 'under way')
    return (
      <span className={classes.testing} role="status">
        <Loader size={12} /> Testing…
      </span>
    )
  if ('failed' in answer) return <Problem compact error={answer.failed} />
  return (
    <div className={classes.result} role="status">
      <Badge tone={answer.ok ? 'good' : 'bad'} label={answer.ok ? 'Works' : 'Does not work'} />
      <span>{answer.summary}</span>
      {answer.nextStep && <span className={classes.next}>{answer.nextStep}</span>}
      {answer.code && <code>{answer.code}</code>}
    </div>
  )
}
