import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import classes from './page.module.css'

interface PageProps {
  readonly title: string
  readonly description?: ReactNode
  readonly actions?: ReactNode
  /** Replaces title and description, where a page has more to say at its head. */
  readonly header?: ReactNode
  readonly children: ReactNode
}

/** The frame of a page: its head and what is below it; also names the browser's tab. */
export function Page({ title, description, actions, header, children }: PageProps) {
  useDocumentTitle(`${title} · Lightflus`)
  return (
    <div className={classes.page}>
      {header ?? (
        <header className={classes.header}>
          <div>
            <h1 className={classes.title}>{title}</h1>
            {description && <p className={classes.description}>{description}</p>}
          </div>
          {actions && <div className={classes.actions}>{actions}</div>}
        </header>
      )}
      {children}
    </div>
  )
}
