import type { ReactNode } from 'react'
import classes from './facts.module.css'

export interface Fact {
  readonly label: string
  readonly value: ReactNode
  /** More on hover. */
  readonly title?: string
}

/** Labelled values, one under another. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(({ label, value, title }) => (
        <div key={label} className={classes.fact}>
          <dt>{label}</dt>
          <dd title={title}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

export interface FigureFact extends Fact {
  /** Under the value: what it is made of, or since when. */
  readonly note?: string
  readonly tone?: 'warning' | 'bad'
}

/** The few numbers that say how a thing is doing, side by side. */
export function Figures({ figures }: { readonly figures: readonly FigureFact[] }) {
  return (
    <dl className={classes.figures}>
      {figures.map(({ label, value, title, note, tone }) => (
        <div key={label} className={classes.figure} title={title}>
          <dt>{label}</dt>
          <dd className={classes.value} data-tone={tone}>
            {value}
          </dd>
          <dd className={classes.figureNote}>{note ?? '\u00a0'}</dd>
        </div>
      ))}
    </dl>
  )
}
