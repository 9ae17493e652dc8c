import { Skeleton } from '@mantine/core'

/** Stands where a table will be, in the size it will have. */
export function LoadingRows({ rows = 6, rowHeight = 40 }: { readonly rows?: number; readonly rowHeight?: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div
          key={index}
          style={{ height: rowHeight, padding: '0 14px', display: 'flex', alignItems: 'center', gap: 24 }}
        >
          <Skeleton height={10} width={`${24 - (index % 3) * 5}%`} />
          <Skeleton height={10} width="10%" />
          <Skeleton height={10} width={`${16 + (index % 2) * 8}%`} />
        </div>
      ))}
    </div>
  )
}
