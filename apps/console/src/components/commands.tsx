import classes from './commands.module.css'
import { CopyButton } from './copy-button.tsx'

export interface CommandView {
  readonly command: string
  /** What it does, as a few words. */
  readonly says: string
}

/** Commands to type in a terminal, each with a button that copies it. */
export function Commands({ commands }: { readonly commands: readonly CommandView[] }) {
  return (
    <ol className={classes.commands}>
      {commands.map(({ command, says }) => (
        <li key={command} className={classes.row}>
          <span className={classes.says}>{says}</span>
          <code className={classes.command}>
            <span className={classes.prompt} aria-hidden="true">
              ${' '}
            </span>
            {command}
          </code>
          <CopyButton value={command} label={`Copy: ${command}`} />
        </li>
      ))}
    </ol>
  )
}
