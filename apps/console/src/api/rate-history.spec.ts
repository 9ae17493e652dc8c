import { jobSample } from '../testing/samples.ts'
import { rateHistoryMax, recordRates } from './rate-history.ts'

describe('the course of rates', () => {
  test('is kept for jobs that run, and bounded', () => {
    const running = jobSample({ rates: { in: 5, out: 1 } })
    let history = recordRates(new Map(), [running, jobSample({ name: 'paused', rates: null })])
    expect([...history]).toEqual([['orders', [5]]])
    for (let n = 0; n < rateHistoryMax; n += 1)
      history = recordRates(history, [jobSample({ rates: { in: n, out: 0 } })])
    expect(history.get('orders')).toEqual(Array.from({ length: rateHistoryMax }, (_, n) => n))
  })

  test('is forgotten of a job that is gone or has stopped', () => {
    const history = recordRates(new Map(), [jobSample({ rates: { in: 5, out: 1 } })])
    expect(recordRates(history, []).size).toBe(0)
    expect(recordRates(history, [jobSample({ rates: null })]).size).toBe(0)
  })
})
