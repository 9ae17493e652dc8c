import { formatSpan } from '../format/times.ts'
import type { LiveLink } from './live-state.ts'

export interface LinkView {
  readonly tone: 'good' | 'busy' | 'warning' | 'bad'
  readonly label: string
  /** Shown above the page when what is on it is no longer live. */
  readonly banner: string | null
}

/** The first loss is often mended before anybody could read of it. */
const quietFailures = 1

export function presentLink(link: LiveLink, online: boolean, now: number): LinkView {
  if (!online)
    return {
      tone: 'warning',
      label: 'Offline',
      banner: 'This device is offline. The job goes on; what you see is what was last sent.',
    }
  switch (link.phase) {
    case 'open':
      return { tone: 'good', label: 'Live', banner: null }
    case 'connecting':
      return { tone: 'busy', label: 'Connecting', banner: null }
    case 'refused':
      return { tone: 'bad', label: 'Not live', banner: `${link.error.message} ${link.error.nextStep}` }
    case 'waiting': {
      const rest = formatSpan(Math.max(1_000, Math.ceil((link.retryAt - now) / 1_000) * 1_000))
      return {
        tone: 'warning',
        label: 'Reconnecting',
        banner:
          link.failures <= quietFailures
            ? null
            : `The line to the platform is lost; what you see is what was last sent. Next try in ${rest}.`,
      }
    }
  }
}
