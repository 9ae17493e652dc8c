import type { RouteName } from '@lightflus/contracts'
import { IconActivity, IconKey, IconPlugConnected, IconChartBar } from '@tabler/icons-react'

/** The places of the console; `key` is pressed after g. */
export const sections = [
  { to: '/jobs', label: 'Jobs', key: 'j', icon: IconActivity, needs: 'listJobs' },
  { to: '/connections', label: 'Connections', key: 'c', icon: IconPlugConnected, needs: 'listConnections' },
  { to: '/usage', label: 'Usage', key: 'u', icon: IconChartBar, needs: 'getUsage' },
  { to: '/api-keys', label: 'API keys', key: 'k', icon: IconKey, needs: 'listApiKeys' },
] as const satisfies readonly { readonly needs: RouteName; readonly [key: string]: unknown }[]
