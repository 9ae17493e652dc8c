import type { ReactNode } from 'react'
import classes from './panel.module.css'

interface PanelProps {
  readonly title?: string
  /** Beside the title: a count, a hint. */
  readonly note?: ReactNode
  readonly actions?: ReactNode
  /** False: the content reaches the panel's edges, as tables and graphs do. */
  readonly padded?: boolean
  readonly className?: string
  readonly children: ReactNode
}

/** A surface with a heading; the unit that pages are laid out of. */
export function Panel({ title, note, actions, padded = true, className, children }: PanelProps) {
  return (
    <section className={`${classes.panel} ${className ?? ''}`} aria-label={title}>
      {(title || actions) && (
        <header className={classes.header}>
          {title && <h2 className={classes.title}>{title}</h2>}
          {note && <span className={classes.note}>{note}</span>}
          {actions && <div className={classes.actions}>{actions}</div>}
        </header>
      )}
      <div className={padded ? classes.body : classes.flush}>{children}</div>
    </section>
  )
}
