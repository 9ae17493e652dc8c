import { readdirSync, readFileSync } from 'node:fs'

/** What a process and all that it started have used, as Linux accounts for it. */
export interface TreeUsage {
  readonly cpuSeconds: number
  readonly residentMegabytes: number
}

const ticksPerSecond = 100
const pageMegabytes = 4096 / 2 ** 20

interface ProcessFacts {
  readonly parent: number
  readonly cpuTicks: number
  readonly pages: number
}

/** Undefined once the process has ended. Children that have ended count where their parent has waited for them. */
export function treeUsage(root: number): TreeUsage | undefined {
  const processes = new Map<number, ProcessFacts>()
  for (const name of readdirSync('/proc')) {
    const facts = /^\d+$/.test(name) ? factsOf(Number(name)) : undefined
    if (facts) processes.set(Number(name), facts)
  }
  if (!processes.has(root)) return undefined
  let cpuTicks = 0
  let pages = 0
  const isOfTree = (pid: number): boolean => {
    if (pid === root) return true
    const parent = processes.get(pid)?.parent ?? 0
    return parent > 1 && isOfTree(parent)
  }
  for (const [pid, facts] of processes) {
    if (!isOfTree(pid)) continue
    cpuTicks += facts.cpuTicks
    pages += facts.pages
  }
  return { cpuSeconds: cpuTicks / ticksPerSecond, residentMegabytes: pages * pageMegabytes }
}

function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // Behind the name, which may hold anything: state, parent, …
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0)
    return { parent: Number(fields[1]), cpuTicks: ticks, pages: Number(fields[21]) }
  } catch {
    return undefined
  }
}
