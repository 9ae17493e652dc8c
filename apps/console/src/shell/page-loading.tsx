import { Skeleton } from '@mantine/core'
import pageClasses from '../components/page.module.css'

/** While a page's code is on its way. */
export function PageLoading() {
  return (
    <div className={pageClasses.page} role="status" aria-label="Loading the page">
      <Skeleton height={22} width={180} />
      <Skeleton height={280} />
    </div>
  )
}
