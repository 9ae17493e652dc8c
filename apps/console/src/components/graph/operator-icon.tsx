import {
  IconArrowBarToRight,
  IconArrowsSplit2,
  IconBox,
  IconDatabaseExport,
  IconFilter,
  IconKey,
  IconMathFunction,
  IconSum,
  IconWindow,
  type Icon,
} from '@tabler/icons-react'

const icons: Readonly<Record<string, Icon>> = {
  source: IconArrowBarToRight,
  sink: IconDatabaseExport,
  map: IconMathFunction,
  flatMap: IconArrowsSplit2,
  filter: IconFilter,
  keyBy: IconKey,
  reduce: IconSum,
  aggregate: IconSum,
  window: IconWindow,
}

/** The kind of an operator; one that a newer platform knows is a plain box. */
export function OperatorIcon({ kind }: { readonly kind: string }) {
  const Shown = icons[kind] ?? IconBox
  return <Shown size={14} stroke={1.7} color="var(--lf-accent)" aria-hidden="true" style={{ flex: 'none' }} />
}
