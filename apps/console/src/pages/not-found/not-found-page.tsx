import { Button } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import { Link, useRouterState } from '@tanstack/react-router'
import { Empty } from '../../components/empty.tsx'
import { Page } from '../../components/page.tsx'

export function NotFoundPage() {
  const path = useRouterState({ select: (state) => state.location.pathname })
  return (
    <Page title="Page not found" header={null}>
      <Empty icon={<IconMapOff size={20} />} title="There is no such page">
        <p>
          Nothing is at <code className="mono">{path}</code>. It may have been deleted, or the link is mistyped.
        </p>
        <Button component={Link} to="/jobs">
          See the jobs
        </Button>
      </Empty>
    </Page>
  )
}
