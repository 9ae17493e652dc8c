import { isLightflusError } from '@lightflus/api'
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { Page } from '../components/page.tsx'
import { Problem } from '../components/problem.tsx'

/** A page that could not be shown at all. */
export function PageFault({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <Page title="Something went wrong">
      <Problem
        error={error}
        onRetry={() => {
          // A part of the console that could not be loaded is not asked for twice by the same page.
          if (!isLightflusError(error)) return location.reload()
          reset()
          void router.invalidate()
        }}
      />
    </Page>
  )
}
