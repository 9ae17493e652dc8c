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
          reset()
          void router.invalidate()
        }}
      />
    </Page>
  )
}
