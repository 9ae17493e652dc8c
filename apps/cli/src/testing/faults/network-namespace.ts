import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'

const run = (command: string): void =>
  void execFileSync('/bin/sh', ['-ec', command], { stdio: ['ignore', 'ignore', 'pipe'] })

/**
 * A network of its own for a process, joined to this machine's by one cable that can be cut: what is sent then is lost, and
 * nobody is told, as behind a switch without power. Needs root, `ip` and `nft`.
 */
export class NetworkNamespace {
  readonly #name: string
  /** This machine, as those in the namespace see it. */
  readonly address: string

  constructor() {
    const id = randomInt(1, 255)
    this.#name = `lightflus-${process.pid}-${id}`
    this.address = `10.231.${id}.1`
    const [near, far] = [`lf${id}n`, `lf${id}f`]
    run(`ip netns add ${this.#name}
      ip link add ${near} type veth peer name ${far} netns ${this.#name}
      ip address add ${this.address}/30 dev ${near}
      ip link set ${near} up`)
    this.#inside(`ip link set lo up; ip address add 10.231.${id}.2/30 dev ${far}; ip link set ${far} up`)
  }

  /** What a command begins with that is to run there. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name]
  }

  cut(): void {
    const dropping = (hook: string) =>
      `nft 'add chain inet cut ${hook} { type filter hook ${hook} priority 0; policy drop; }'`
    this.#inside(`nft add table inet cut; ${dropping('input')}; ${dropping('output')}`)
  }

  mend(): void {
    this.#inside('nft delete table inet cut')
  }

  remove(): void {
    run(`ip netns delete ${this.#name}`)
  }

  #inside(command: string): void {
    execFileSync('ip', ['netns', 'exec', this.#name, '/bin/sh', '-ec', command], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }
}
