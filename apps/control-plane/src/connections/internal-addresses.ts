import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { LightflusError } from '@lightflus/api'

/** Loopback, private, link-local, carrier-grade NAT, multicast and reserved: what is not the internet. */
const internal = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  internal.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  internal.addSubnet(network, bits, 'ipv6')

export function isInternalAddress(address: string): boolean {
  // An IPv4 address in IPv6 clothes (::ffff:10.0.0.1) is checked as what it is.
  return internal.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** The hosts that a connection's options name, those of a token endpoint and of an address among them. */
export function hostsOf(options: Readonly<Record<string, unknown>>): string[] {
  const { host, brokers, sasl, url } = options
  const addresses = Array.isArray(brokers)
    ? brokers.map((broker) => String(broker).replace(/:\d+$/, ''))
    : host === undefined
      ? []
      : [String(host)]
  const { tokenUrl } = (sasl ?? {}) as { readonly tokenUrl?: unknown }
  // What is no address is connected to nowhere.
  for (const address of [tokenUrl, url])
    if (typeof address === 'string' && URL.canParse(address)) addresses.push(new URL(address).hostname)
  return addresses.map((address) => address.replace(/^\[(.*)\]$/, '$1'))
}

export type Resolve = (host: string) => Promise<readonly string[]>

const resolveByDns: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

/**
 * Refuses hosts that are, or resolve to, addresses inside the platform's network. A name that does not resolve passes:
 * connecting will say so. This guards the control plane, which tests connections; what a job may reach is the matter of
 * its worker's network.
 * @throws LF_CONNECTION_ADDRESS
 */
export async function assertExternalHosts(hosts: readonly string[], resolve: Resolve = resolveByDns): Promise<void> {
  for (const host of hosts) {
    const addresses = isIP(host) ? [host] : await resolve(host).catch(() => [])
    const found = addresses.find(isInternalAddress)
    if (found === undefined) continue
    const what = found === host ? `${host} is an internal address.` : `${host} is the internal address ${found}.`
    throw new LightflusError('LF_CONNECTION_ADDRESS', what)
  }
}
