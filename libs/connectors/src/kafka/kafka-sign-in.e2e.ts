import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '@lightflus/api'
import type { ResolvedConnection } from '@lightflus/engine'
import { freePort, needs, startKafka, temporaryFolder, type RunningServer } from '@lightflus/testing/services'
import { KafkaTools } from '../testing/kafka-tools.ts'
import { Traffic } from '../testing/kafka-traffic.ts'
import { testCertificate, testKey } from '../testing/test-certificate.ts'
import { issuerName, TokenIssuer } from '../testing/token-issuer.ts'
import { kafkaConnector } from './kafka-connector.ts'
import { clusterOptions } from './network/cluster-options.ts'
import { KafkaClient } from './network/kafka-client.ts'

const password = 'pa55word'
/** After so long a broker ends a session that has not signed in anew, milliseconds. */
const sessionMs = 4_000
const ports = { sasl: 0, short: 0, saslTls: 0, mutual: 0 }
const folder = temporaryFolder('sign-in')
let broker: RunningServer
let issuer: TokenIssuer
let tools: KafkaTools

const inProperties = (pem: string): string => pem.trim().replaceAll('\n', '\\n')

function properties(own: { readonly broker: number; readonly controller: number }): string[] {
  const at = (name: string, port: number) => `${name}://127.0.0.1:${port}`
  const open = [
    ...[at('PLAINTEXT', own.broker), at('SASL', ports.sasl), at('SHORT', ports.short)],
    ...[at('SASLTLS', ports.saslTls), at('MUTUAL', ports.mutual)],
  ]
  const listener = (name: string) => {
    const jaas = (mechanism: string, module: string, rest = '') =>
      `listener.name.${name}.${mechanism}.sasl.jaas.config=org.apache.kafka.common.security.${module}LoginModule required${rest};`
    const oauth = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler'
    return [
      jaas('plain', 'plain.Plain', ` user_ada="${password}"`),
      jaas('scram-sha-256', 'scram.Scram'),
      jaas('scram-sha-512', 'scram.Scram'),
      jaas('oauthbearer', 'oauthbearer.OAuthBearer'),
      `listener.name.${name}.oauthbearer.sasl.server.callback.handler.class=${oauth}`,
    ]
  }
  return [
    `listeners=${[...open, at('CONTROLLER', own.controller)].join()}`,
    `advertised.listeners=${open.join()}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,SHORT:SASL_PLAINTEXT,SASLTLS:SASL_SSL,MUTUAL:SSL',
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    ...['sasl', 'short', 'sasltls'].flatMap(listener),
    ...['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'].map(
      (mechanism) => `listener.name.short.${mechanism}.connections.max.reauth.ms=${sessionMs}`,
    ),
    `sasl.oauthbearer.jwks.endpoint.url=${keysUrl}`,
    'sasl.oauthbearer.expected.audience=kafka',
    `sasl.oauthbearer.expected.issuer=${issuerName}`,
    'ssl.keystore.type=PEM',
    `ssl.keystore.certificate.chain=${inProperties(testCertificate)}`,
    `ssl.keystore.key=${inProperties(testKey)}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.certificates=${inProperties(testCertificate)}`,
    'listener.name.mutual.ssl.client.auth=required',
  ]
}

const keysUrl = `file://${join(folder.path, 'keys.json')}`
const failing = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })

function connection(port: number, options: Readonly<Record<string, Json>>): ResolvedConnection {
  return { name: 'shop', kind: 'kafka', options: { brokers: [`127.0.0.1:${port}`], ...options } }
}
const test = (tested: ResolvedConnection) => kafkaConnector.testConnection!(tested, AbortSignal.timeout(30_000))
const user = (mechanism: string) => ({ mechanism, username: 'ada', password })
const byClient = () => ({
  mechanism: 'oauthbearer',
  tokenUrl: issuer.url,
  clientId: 'lightflus',
  clientSecret: password,
})
const byToken = (token: string) => ({ mechanism: 'oauthbearer', token })

needs('kafka')('signing in to Kafka', () => {
  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort()
    writeFileSync(join(folder.path, 'keys.json'), TokenIssuer.keys)
    issuer = await TokenIssuer.listen('lightflus', password)
    const scram = (mechanism: string) => ['--add-scram', `${mechanism}=[name=ada,password=${password}]`]
    broker = await startKafka({
      properties,
      formatArguments: [...scram('SCRAM-SHA-256'), ...scram('SCRAM-SHA-512')],
      javaFlags: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${keysUrl}`],
    })
    tools = await KafkaTools.connect(broker.address)
  }, 120_000)
  afterAll(async () => {
    await issuer.close()
    await tools.close()
    await broker.stop()
    await folder.remove()
  }, 60_000)

  it('by a token of an endpoint, and by one that is stated', async () => {
    const before = issuer.given
    await test(connection(ports.sasl, { sasl: byClient() }))
    expect(issuer.given).toBe(before + 1)
    await test(connection(ports.sasl, { sasl: byToken(issuer.token('ada')) }))
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])('by %s over TLS', async (mechanism) => {
    const sasl = mechanism === 'oauthbearer' ? byClient() : user(mechanism)
    await test(connection(ports.saslTls, { sasl, tls: { ca: testCertificate } }))
  })

  it('by a certificate of the client’s own', async () => {
    const tls = { ca: testCertificate, cert: testCertificate, key: testKey }
    await test(connection(ports.mutual, { tls }))
    await expect(test(connection(ports.mutual, { tls: { ca: testCertificate } }))).rejects.toEqual(
      failing('LF_CONNECTION_TLS', 'certificate'),
    )
  })

  describe('is refused with a code that says why:', () => {
    const other = () => issuer.token('ada', 'somebody else')
    const [head, claims] = ['eyJhbGciOiJub25lIn0', 'eyJzdWIiOiJhZGEiLCJleHAiOjk5OTk5OTk5OTl9']
    const cases: readonly [string, () => Record<string, Json>, string][] = [
      ['a token for somebody else', () => byToken(other()), 'refused the access token'],
      ['a token that nobody signed', () => byToken(`${head}.${claims}.`), 'refused the access token'],
      ['a token that is none', () => byToken('pa55word'), 'refused the access token'],
      ['a client that the endpoint does not know', () => ({ ...byClient(), clientSecret: 'wr0ng' }), 'invalid_client'],
    ]
    it.each(cases)('%s', async (_name, sasl, message) => {
      const error = await test(connection(ports.sasl, { sasl: sasl() })).catch((thrown: unknown) => thrown)
      expect(error).toEqual(failing('LF_CONNECTION_AUTH', message))
      expect(JSON.stringify(error)).not.toMatch(/pa55word|wr0ng|eyJ/)
    })
  })

  it('anew before a session ends, without a request refused, or a record lost or twice', async () => {
    issuer.lifetimeSeconds = 10
    const given = issuer.given
    const signIns = [user('plain'), user('scram-sha-512'), byClient()]
    await Promise.all(
      signIns.map(async (sasl) => {
        const topic = await tools.topic(2)
        const traffic = new Traffic(connection(ports.short, { sasl }), topic, 2)
        await traffic.start()
        // It does not try again: it would notice if the broker ended a session.
        const client = new KafkaClient(clusterOptions(connection(ports.short, { sasl })))
        const end = performance.now() + 2.5 * sessionMs
        while (performance.now() < end) expect((await client.topic(topic)).partitions).toHaveLength(2)
        client.close()
        await traffic.end()
      }),
    )
    // For source, sink and client more than the first of each.
    expect(issuer.given).toBeGreaterThan(given + 3)
  }, 60_000)
})
