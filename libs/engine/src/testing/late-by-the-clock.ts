/** Windows in which what is late is due by the clock alone, which one that is restored has not seen before the last watermark. */
export const lateByTheClock = {
  windower: { kind: 'session', gapMs: 3, time: 'event' },
  trigger: {
    kind: 'all',
    triggers: [
      { kind: 'custom', id: 'custom-1' },
      { kind: 'eventTime', early: null, late: { kind: 'every', everyMs: 1 } },
    ],
  },
  panes: 'accumulating',
  allowedLatenessMs: 2,
  events: [
    { kind: 'record', key: 'a', value: 0, timestamp: 0 },
    { kind: 'record', key: 'a', value: 1, timestamp: 3 },
    { kind: 'clock', to: 1 },
    { kind: 'record', key: 'a', value: 3, timestamp: 5 },
  ],
} as const
