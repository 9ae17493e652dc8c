import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, type CSSProperties } from 'react'
import classes from './program-text.module.css'

interface ProgramTextProps {
  readonly text: string
  /** The number of the first line shown. */
  readonly from?: number
  /** Stands out, and is brought into view unless `scroll` is false. */
  readonly line?: number
  readonly scroll?: boolean
  /** Shown under a line: the problems that a check found there. */
  readonly notes?: ReadonlyMap<number, string>
}

/** The text of a program with highlighting, once that has been loaded; plain until then. */
export function ProgramText({ text, from = 1, line, scroll = true, notes }: ProgramTextProps) {
  const highlighted = useQuery({
    queryKey: ['highlight', text],
    queryFn: async () => (await import('./highlight.ts')).highlightLines(text),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const marked = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (scroll) marked.current?.scrollIntoView({ block: 'center' })
  }, [line, scroll, highlighted.data])
  const plain = text.split('\n')
  return (
    <ol
      className={classes.program}
      start={from}
      style={{ '--digits': String(from + plain.length).length } as CSSProperties}
    >
      {plain.map((content, index) => {
        const number = from + index
        const html = highlighted.data?.[index]
        return (
          <li
            key={number}
            ref={number === line ? marked : undefined}
            className={classes.line}
            data-marked={number === line || undefined}
          >
            <span className={classes.number} aria-hidden="true">
              {number}
            </span>
            {html === undefined ? <code>{content}</code> : <code dangerouslySetInnerHTML={{ __html: html }} />}
            {notes?.has(number) && <span className={classes.note}>{notes.get(number)}</span>}
          </li>
        )
      })}
    </ol>
  )
}
