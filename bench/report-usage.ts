import { writeSync } from 'node:fs'

// Loaded by `--import` into a measured process: says at its end what the operating system accounted to it.
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  writeSync(3, JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMegabytes: maxRSS / 1024 }))
})
