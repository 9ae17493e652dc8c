import type { Json } from '@lightflus/api'
import type { ResolvedConnection } from '@lightflus/engine'
import { freePort, needs, startKafka, until, type RunningServer } from '@lightflus/testing/services'
import { drain, type ReadRecords } from '../testing/drain.ts'
import { KafkaTools } from '../testing/kafka-tools.ts'
import { PoisonedBuffers } from '../testing/poisoned-buffers.ts'
import { TcpProxy } from '../testing/tcp-proxy.ts'
import { testCertificate, testKey } from '../testing/test-certificate.ts'
import { sinkContext, sourceContext } from '../testing/test-context.ts'
import { kafkaConnector } from './kafka-connector.ts'
import { KafkaSink } from './sink/kafka-sink.ts'
import { KafkaSource } from './source/kafka-source.ts'

const password = 'pa55word'
const ports = { proxied: 0, proxy: 0, sasl: 0, tls: 0, unreachable: 0 }
let broker: RunningServer
let proxy: TcpProxy
let tools: KafkaTools

const inProperties = (pem: string): string => pem.trim().replaceAll('\n', '\\n')

/** Listeners of every kind, with users that may see nothing unless they are allowed to. */
function properties(own: { readonly broker: number; readonly controller: number }): string[] {
  const local = (name: string, port: number) => `${name}://127.0.0.1:${port}`
  const plain = [local('PLAINTEXT', own.broker), local('SASL', ports.sasl), local('TLS', ports.tls)]
  const jaas = (mechanism: string, module: string, rest = '') =>
    `listener.name.sasl.${mechanism}.sasl.jaas.config=org.apache.kafka.common.security.${module}LoginModule required${rest};`
  return [
    `listeners=${[...plain, local('PROXIED', ports.proxied), local('AWAY', ports.unreachable), local('CONTROLLER', own.controller)].join()}`,
    `advertised.listeners=${[...plain, local('PROXIED', ports.proxy), 'AWAY://no-such-host.invalid:9092'].join()}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT,AWAY:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL',
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    jaas('plain', 'plain.Plain', ` user_ada="${password}"`),
    jaas('scram-sha-256', 'scram.Scram'),
    jaas('scram-sha-512', 'scram.Scram'),
    'ssl.keystore.type=PEM',
    `ssl.keystore.certificate.chain=${inProperties(testCertificate)}`,
    `ssl.keystore.key=${inProperties(testKey)}`,
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users=User:ANONYMOUS;User:CN=Lightflus test',
  ]
}

const connection = (
  brokers: string | readonly string[],
  more: Readonly<Record<string, Json>> = {},
): ResolvedConnection => ({
  name: 'shop',
  kind: 'kafka',
  options: { brokers: typeof brokers === 'string' ? [brokers] : brokers, ...more },
})
const localPort = (port: number) => `127.0.0.1:${port}`
const sasl = (mechanism: string, given = password) => ({ sasl: { mechanism, username: 'ada', password: given } })
const test = (tested: ResolvedConnection) => kafkaConnector.testConnection!(tested, AbortSignal.timeout(30_000))
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })
const proxied = () => connection(localPort(ports.proxy))

function sourceOf(
  topic: string,
  to: ResolvedConnection,
  bounded = false,
  buffers = new PoisonedBuffers(),
): KafkaSource {
  const options = { topic, start: 'earliest', group: null, envelope: false, bounded }
  return new KafkaSource(sourceContext({ options, connection: to }), buffers)
}

function sinkOf(topic: string, to: ResolvedConnection): KafkaSink {
  const functions = { value: (value: unknown) => String(value) }
  return new KafkaSink(sinkContext({ options: { topic, compression: 'none' }, connection: to, functions }))
}

needs('kafka')('kafka connection', () => {
  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort()
    const user = (mechanism: string) => ['--add-scram', `${mechanism}=[name=ada,password=${password}]`]
    broker = await startKafka({ properties, formatArguments: [...user('SCRAM-SHA-256'), ...user('SCRAM-SHA-512')] })
    proxy = await TcpProxy.listen({ to: { host: '127.0.0.1', port: ports.proxied }, port: ports.proxy })
    tools = await KafkaTools.connect(broker.address)
  }, 120_000)
  afterEach(() => proxy.heal())
  afterAll(async () => {
    await tools.close()
    await proxy.close()
    await broker.stop()
  }, 60_000)

  it('tells what answered', async () => {
    expect((await test(connection(broker.address))).summary).toMatch(/^Kafka, 1 broker, \d+ topics?$/)
    // The first broker of the list may be away.
    await test(connection([localPort(await freePort()), broker.address]))
  })

  describe('is refused with a code that says why:', () => {
    const cases: readonly [string, () => ResolvedConnection | Promise<ResolvedConnection>, string, string][] = [
      ['an unknown host', () => connection('no-such-host.invalid:9092'), 'LF_CONNECTION_DNS', 'no-such-host.invalid'],
      [
        'a port where nothing listens',
        async () => connection(localPort(await freePort())),
        'LF_CONNECTION_REFUSED',
        'nothing accepts',
      ],
      ['no credentials', () => connection(localPort(ports.sasl)), 'LF_CONNECTION_AUTH', 'wants SASL'],
      [
        'a wrong password',
        () => connection(localPort(ports.sasl), sasl('plain', 'wr0ng')),
        'LF_CONNECTION_AUTH',
        "user 'ada'",
      ],
      [
        'a wrong SCRAM password',
        () => connection(localPort(ports.sasl), sasl('scram-sha-512', 'wr0ng')),
        'LF_CONNECTION_AUTH',
        "user 'ada'",
      ],
      [
        'credentials where none are wanted',
        () => connection(broker.address, sasl('plain')),
        'LF_CONNECTION_AUTH',
        'SASL',
      ],
      [
        'a certificate that is not trusted',
        () => connection(localPort(ports.tls), { tls: true }),
        'LF_CONNECTION_TLS',
        'not trusted',
      ],
      [
        'TLS where there is none',
        () => connection(broker.address, { tls: true }),
        'LF_CONNECTION_TLS',
        'does not speak TLS',
      ],
      ['no TLS where there is', () => connection(localPort(ports.tls)), 'LF_CONNECTION_TLS', 'expects TLS'],
      ['no broker', () => connection([]), 'LF_CONNECTION_OPTION', 'brokers'],
      ['a port that there is none of', () => connection('kafka-1:70000'), 'LF_CONNECTION_OPTION', 'brokers'],
      ['a broker without a port', () => connection('kafka-1'), 'LF_CONNECTION_OPTION', 'brokers'],
      [
        'an unknown mechanism',
        () => connection(broker.address, sasl('oauth')),
        'LF_CONNECTION_OPTION',
        'sasl.mechanism',
      ],
    ]
    it.each(cases)('%s', async (_name, tested, code, message) => {
      const error = await test(await tested()).catch((thrown: unknown) => thrown)
      expect(error).toEqual(failing(code, message))
      expect(JSON.stringify(error)).not.toMatch(new RegExp(`${password}|wr0ng`))
    })

    it('a server that accepts and never answers', async () => {
      const silent = await TcpProxy.listen({ to: { host: '127.0.0.1', port: ports.proxied } })
      silent.stall()
      await expect(test(connection(localPort(silent.port)))).rejects.toEqual(
        failing('LF_CONNECTION_TIMEOUT', 'did not answer within'),
      )
      await silent.close()
    }, 30_000)

    it('an address that only the cluster itself can reach', async () => {
      const topic = await tools.topic()
      const source = sourceOf(topic, connection(localPort(ports.unreachable)))
      const error = await source.open(undefined).catch((thrown: unknown) => thrown)
      expect(error).toEqual(failing('LF_CONNECTION_DNS', 'the cluster itself gave this address'))
      expect((error as { nextStep: string }).nextStep).toContain('advertised.listeners')
      await source.close()
    }, 30_000)
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('signs in by %s', async (mechanism) => {
    await test(connection(localPort(ports.sasl), sasl(mechanism)))
  })

  it('signs in over TLS with a certificate that it is told to trust', async () => {
    const topic = await tools.topic()
    const values = Array.from({ length: 150 }, (_, at) => Buffer.alloc(5_000, String(at)))
    await tools.send(
      topic,
      values.map((value) => ({ value })),
    )
    const tls = connection(`localhost:${ports.tls}`, { tls: { ca: testCertificate, rejectUnauthorized: true } })
    // The broker announces 127.0.0.1, for which the certificate stands, too.
    const source = sourceOf(topic, tls, true)
    await source.open(undefined)
    expect([...(await drain(source, new Map())).values()].flat()).toEqual(values)
    await source.close()
  })

  it('says which topic a user may not use', async () => {
    const topic = await tools.topic()
    const to = connection(localPort(ports.sasl), sasl('plain'))
    await expect(sourceOf(topic, to).open(undefined)).rejects.toEqual(failing('LF_CONNECTION_AUTH', topic))
    await expect(sinkOf(topic, to).open()).rejects.toEqual(failing('LF_CONNECTION_AUTH', topic))
  })

  describe('that breaks in mid-run', () => {
    it('is made again by a source, which loses and repeats nothing', async () => {
      const topic = await tools.topic(3)
      const source = sourceOf(topic, proxied())
      await source.open(undefined)
      const read: ReadRecords = new Map()
      for (let round = 0; round < 4; round++) {
        await tools.send(
          topic,
          Array.from({ length: 30 }, (_, at) => ({ value: `${round}-${at}`, partition: at % 3 })),
        )
        if (round % 2 === 1) {
          proxy.cut()
          setTimeout(() => proxy.heal(), 600)
        }
        await drain(source, read, { count: 30, recordsMax: 7 })
      }
      const expected = [0, 1, 2].map((partition) =>
        [0, 1, 2, 3].flatMap((round) => Array.from({ length: 10 }, (_, at) => `${round}-${at * 3 + partition}`)),
      )
      expect([0, 1, 2].map((partition) => read.get(`${topic}/${partition}`)!.map(String))).toEqual(expected)
      await source.close()
    }, 60_000)

    it('is made again by a sink, which loses nothing', async () => {
      const topic = await tools.topic(2)
      const sink = sinkOf(topic, proxied())
      await sink.open()
      for (let at = 0; at < 40; at++) {
        await sink.write(
          Array.from({ length: 50 }, (_, index) => at * 50 + index),
          new Array<number>(50).fill(1_700_000_000_000),
        )
        if (at % 10 === 5) {
          proxy.cut()
          setTimeout(() => proxy.heal(), 400)
        }
        await sink.flush()
      }
      const values = [...(await tools.readAll(topic)).values()].flat().map(({ value }) => Number(value))
      expect([...new Set(values)].sort((a, b) => a - b)).toEqual(Array.from({ length: 2_000 }, (_, at) => at))
      await sink.close()
    }, 60_000)

    it('ends source and sink with LF_CONNECTION_LOST, which a restart may heal, when it stays away', async () => {
      const topic = await tools.topic()
      const [source, sink] = [sourceOf(topic, proxied()), sinkOf(topic, proxied())]
      await source.open(undefined)
      await sink.open()
      proxy.cut()
      void sink.write([1], [0])
      const lost = expect(sink.flush()).rejects.toEqual(failing('LF_CONNECTION_LOST', 'has not answered for 30 s'))
      const failure = await until(
        () => {
          try {
            source.poll(10)
            return undefined
          } catch (thrown) {
            return thrown as { retry: boolean; domain: string }
          }
        },
        { what: 'the source to give up', deadlineMs: 60_000 },
      )
      expect(failure).toEqual(failing('LF_CONNECTION_LOST', 'has not answered for 30 s'))
      expect([failure.retry, failure.domain]).toEqual([true, 'external'])
      await lost
      await source.close()
      await sink.close()
    }, 90_000)

    it('does not hold up closing, nor an attempt that is aborted', async () => {
      const topic = await tools.topic()
      const ending = new AbortController()
      const functions = { value: String }
      const context = sinkContext({
        options: { topic, compression: 'none' },
        connection: proxied(),
        functions,
        signal: ending.signal,
      })
      const [aborted, closed] = [new KafkaSink(context), sinkOf(topic, proxied())]
      await aborted.open()
      await closed.open()
      proxy.cut()
      void aborted.write([1], [0])
      void closed.write([1], [0])
      const flushes = [aborted.flush(), closed.flush()].map((flush) => flush.catch((thrown: unknown) => thrown))
      ending.abort()
      await closed.close()
      for (const outcome of await Promise.all(flushes)) expect(outcome).toBeInstanceOf(Error)
      await aborted.close()
    })
  })

  it('brings no more than a source keeps ahead, however slowly it is read', async () => {
    const topic = await tools.topic(4)
    const value = Buffer.alloc(100_000, 'x')
    for (let round = 0; round < 50; round++)
      await tools.send(
        topic,
        Array.from({ length: 8 }, (_, at) => ({ value, partition: at % 4 })),
      )
    const before = proxy.bytesFromServer
    const buffers = new PoisonedBuffers()
    const source = sourceOf(topic, proxied(), true, buffers)
    await source.open(undefined)
    // Quiet for two long polls: nothing more will come by itself.
    let [seen, quiet] = [-1, 0]
    await until(
      () => {
        quiet = proxy.bytesFromServer === seen ? quiet + 1 : 0
        seen = proxy.bytesFromServer
        return seen > before && quiet > 10
      },
      { what: 'fetching to stop', intervalMs: 100 },
    )
    const ahead = proxy.bytesFromServer - before
    expect(ahead).toBeLessThan(14 * 1024 * 1024)
    expect([...(await drain(source, new Map())).values()].flat()).toHaveLength(400)
    expect(proxy.bytesFromServer - before).toBeGreaterThan(39_000_000)
    expect(buffers.peakBytes).toBeLessThanOrEqual(10 * 1024 * 1024)
    await source.close()
  }, 60_000)
})
