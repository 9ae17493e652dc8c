import { Button } from '@mantine/core'
import { useNetwork } from '@mantine/hooks'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { Badge } from '../components/badge.tsx'
import { useNow } from '../components/use-now.ts'
import classes from './link-status.module.css'
import { useLive, useLiveStore } from './live-provider.tsx'
import { presentLink } from './link-view.ts'

const useLinkView = () => {
  const link = useLive((state) => state.link)
  const { online } = useNetwork()
  const now = useNow()
  return presentLink(link, online, now)
}

/** In the head of a job's page. */
export function LinkBadge() {
  const { tone, label } = useLinkView()
  return <Badge quiet tone={tone} label={label} pulse={label === 'Live'} />
}

/** Above what is no longer live. */
export function LinkBanner() {
  const store = useLiveStore()
  const { tone, banner } = useLinkView()
  if (banner === null) return null
  return (
    <div className={classes.banner} data-tone={tone} role="status">
      <IconPlugConnectedX size={16} aria-hidden="true" />
      <span>{banner}</span>
      <Button variant="subtle" size="compact-xs" color="gray" onClick={store.retryNow}>
        Try now
      </Button>
    </div>
  )
}
