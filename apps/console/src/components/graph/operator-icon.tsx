import type { OperatorKind } from '@lightflus/api'
import {
  IconArrowBarToRight,
  IconArrowMerge,
  IconArrowsJoin2,
  IconArrowsSplit2,
  IconBox,
  IconClock,
  IconDatabaseExport,
  IconDatabaseSearch,
  IconDelta,
  IconFilter,
  IconFunction,
  IconGauge,
  IconKey,
  IconMathFunction,
  IconSum,
  IconTrophy,
  IconWindow,
  type Icon,
} from '@tabler/icons-react'

const icons: Readonly<Partial<Record<OperatorKind, Icon>>> = {
  source: IconArrowBarToRight,
  sink: IconDatabaseExport,
  map: IconMathFunction,
  flatMap: IconArrowsSplit2,
  filter: IconFilter,
  sample: IconFilter,
  deduplicate: IconFilter,
  distinctUntilChanged: IconFilter,
  keyBy: IconKey,
  reduce: IconSum,
  aggregate: IconSum,
  topN: IconTrophy,
  window: IconWindow,
  union: IconArrowMerge,
  process: IconFunction,
  connect: IconFunction,
  connectBroadcast: IconFunction,
  mapAsync: IconDatabaseSearch,
  lookup: IconDatabaseSearch,
  throttle: IconGauge,
  windowJoin: IconArrowsJoin2,
  intervalJoin: IconArrowsJoin2,
  join: IconArrowsJoin2,
  temporalJoin: IconArrowsJoin2,
  changes: IconDelta,
  assignTimestamps: IconClock,
}

/** The kind of an operator; one that is not known here is a plain box. */
export function OperatorIcon({ kind }: { readonly kind: string }) {
  const Shown = icons[kind as OperatorKind] ?? IconBox
  return <Shown size={14} stroke={1.7} color="var(--lf-accent)" aria-hidden="true" style={{ flex: 'none' }} />
}
