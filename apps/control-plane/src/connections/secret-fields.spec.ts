import { connectionKinds, connectionSecrets } from '@lightflus/contracts'
import fc from 'fast-check'
import { mergeSecrets, splitSecrets } from './secret-fields.ts'

const kafka = {
  brokers: ['a:1'],
  sasl: { mechanism: 'plain', username: 'u', password: 'hunter2' },
  tls: { key: 'KEY', ca: 'CA' },
}

describe('secret fields', () => {
  test('are taken out, and put back', () => {
    const { shown, secrets } = splitSecrets(kafka, connectionSecrets.kafka)
    expect(shown).toEqual({ brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'u' }, tls: { ca: 'CA' } })
    expect(secrets).toEqual({ 'sasl.password': 'hunter2', 'tls.key': 'KEY' })
    expect(mergeSecrets(shown, secrets)).toEqual(kafka)
  })

  test('of every way to sign in to Kafka are taken out', () => {
    const extensions = { pool: 'p' }
    const shownOf = (sasl: object) => splitSecrets({ sasl }, connectionSecrets.kafka).shown
    expect(shownOf({ mechanism: 'oauthbearer', token: 'hunter2', extensions })).toEqual({
      sasl: { mechanism: 'oauthbearer', extensions },
    })
    expect(shownOf({ mechanism: 'oauthbearer', clientId: 'c', clientSecret: 'hunter2' })).toEqual({
      sasl: { mechanism: 'oauthbearer', clientId: 'c' },
    })
  })

  test('that are not there change nothing', () => {
    for (const options of [{}, { tls: true }, { tls: ['key'] }])
      expect(splitSecrets(options, connectionSecrets.mysql)).toEqual({ shown: options, secrets: {} })
  })

  test('of any options come back as they were', () => {
    const options = fc.record(
      {
        password: fc.string(),
        tls: fc.oneof(fc.boolean(), fc.record({ key: fc.string() })),
        sasl: fc.record({ password: fc.string() }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(options, fc.constantFrom(...connectionKinds), (given, kind) => {
        const { shown, secrets } = splitSecrets(given, connectionSecrets[kind])
        expect(mergeSecrets(shown, secrets)).toEqual(given)
        for (const path of connectionSecrets[kind]) expect(splitSecrets(shown, [path]).secrets).toEqual({})
      }),
    )
  })
})
