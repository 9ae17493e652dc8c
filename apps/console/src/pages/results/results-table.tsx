import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import table from '../../components/table.module.css'
import type { ResultsView } from './presenter.ts'
import classes from './results-table.module.css'

interface ResultsTableProps {
  readonly view: ResultsView
  readonly sort?: string
  /** Absent: the order cannot be changed. */
  readonly onSort?: (sort: string | undefined) => void
}

/** The rows of one sink, under columns that are found in them. */
export function ResultsTable({ view, sort, onSort }: ResultsTableProps) {
  // First rising, then falling, then newest first again.
  const next = (name: string): string | undefined =>
    sort === name ? `-${name}` : sort === `-${name}` ? undefined : name
  return (
    <div className={table.scroll}>
      <table className={`${table.table} ${classes.table}`}>
        <thead>
          <tr>
            {view.columns.map(({ name, numeric }) => (
              <th
                key={name}
                className={numeric ? table.number : undefined}
                aria-sort={sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : undefined}
              >
                {onSort ? (
                  <button
                    type="button"
                    className={`${table.sort} ${classes.heading}`}
                    data-active={sort?.endsWith(name) || undefined}
                    onClick={() => onSort(next(name))}
                  >
                    {name}
                    {sort === name && <IconArrowUp size={12} aria-hidden="true" />}
                    {sort === `-${name}` && <IconArrowDown size={12} aria-hidden="true" />}
                  </button>
                ) : (
                  name
                )}
              </th>
            ))}
            <th className={table.number}>Written</th>
          </tr>
        </thead>
        <tbody>
          {view.lines.map((line) => (
            <tr key={line.id} data-lit={line.lit || undefined}>
              {line.cells.map((cell, index) => (
                <td
                  key={view.columns[index].name}
                  className={view.columns[index].numeric ? table.number : undefined}
                  title={cell.title}
                >
                  {cell.text}
                </td>
              ))}
              <td className={`${table.number} ${table.quiet}`}>{line.age}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
