import { serveRequests } from '../serve-requests.ts'

/** A thread that does what it is told to, for tests of its supervisor. */
serveRequests((request: 'answer' | 'throw' | 'loop' | 'fill' | 'exit'): string => {
  switch (request) {
    case 'answer':
      return 'here'
    case 'throw':
      throw new TypeError('as asked')
    case 'loop':
      for (;;);
    case 'fill': {
      const kept: unknown[] = []
      for (;;) kept.push({ n: kept.length })
    }
    case 'exit':
      process.exit(3)
  }
})
