import type { RouteOutput } from '@lightflus/contracts'
import { Controller, Inject } from '@nestjs/common'
import { Database } from '../database/database.ts'
import type { UsageHour } from '../generated/client.ts'
import { ApiInput, ApiRoute, type InputOf } from '../http/api-route.ts'
import { type Caller, CurrentCaller } from '../http/caller.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'
import { addCounters, noUsage, type UsageCounters } from './usage-counters.ts'

/** What is shown when no begin is asked for. */
const defaultMs = 24 * 3_600_000
const hourMs = 3_600_000
/** Hours (times jobs) that one answer holds at most. */
const hoursMax = 10_000

@Controller()
export class UsageController {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, @Inject(CLOCK) clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  @ApiRoute('getUsage')
  async get(
    @CurrentCaller() caller: Caller,
    @ApiInput() { query }: InputOf<'getUsage'>,
  ): Promise<RouteOutput<'getUsage'>> {
    const to = query.to ? new Date(query.to) : new Date(this.#clock.now())
    const begin = query.from ? Date.parse(query.from) : to.getTime() - defaultMs
    // Use is metered by hours: the one that the begin lies in is shown whole.
    const from = new Date(begin - (begin % hourMs))
    const rows = await this.#database.tenant(caller.tenantId, (tx) =>
      tx.client.usageHour.findMany({
        where: { tenantId: tx.tenantId, hour: { gte: from, lte: to }, ...(query.job ? { jobName: query.job } : {}) },
        orderBy: [{ hour: 'desc' }, { jobName: 'asc' }],
        take: hoursMax,
      }),
    )
    return {
      hours: rows.map((row) => ({ job: row.jobName, hour: row.hour.toISOString(), ...showCounters(row) })),
      total: showCounters(rows.reduce<UsageCounters>((sum, row: UsageHour) => addCounters(sum, row), noUsage)),
    }
  }
}

function showCounters(counters: UsageCounters): RouteOutput<'getUsage'>['total'] {
  const { slotMs, recordsIn, recordsOut, bytesIn, bytesOut } = counters
  return {
    slotSeconds: Number(slotMs) / 1_000,
    recordsIn: Number(recordsIn),
    recordsOut: Number(recordsOut),
    bytesIn: Number(bytesIn),
    bytesOut: Number(bytesOut),
  }
}
