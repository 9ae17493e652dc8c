import type { SimRequest } from './sim-attempt.ts'
import type { SimProcess } from './sim-process.ts'
import { TargetFailed } from './sim-target.ts'
import type { World } from './world.ts'

export interface Disturbed {
  /** Gives the process up, whatever it does. */
  readonly lose: () => void
  readonly ask: (request: SimRequest) => void
  readonly onDisturbed: (what: string) => void
}

/** Has up to three things happen to a process, its slots and workers, at times that the seed decides. */
export function disturb(world: World, process: SimProcess, { lose, ask, onDisturbed }: Disturbed): void {
  const { dice, director } = world
  const later = (act: () => void): void => void world.after(director, dice.span(1, 1_500), act)
  const slot = () => dice.pick(process.attempt.slots)
  const fail = (why: string): void => {
    const { attempt } = process
    world.after(process.main, dice.next() * 20, () => attempt.fail(new TargetFailed(why)))
  }
  const disturbances: Readonly<Record<string, () => void>> = {
    kill: () => {
      for (const actor of process.actors) world.kill(actor)
      lose()
    },
    // SIGSTOP and SIGCONT.
    pause: () => {
      const all = process.actors
      for (const actor of all) world.pause(actor)
      later(() => all.forEach((actor) => world.wake(actor)))
      lose()
    },
    // Cut off from whoever counts attempts, it goes on.
    supersede: lose,
    killSlot: () => {
      world.kill(slot().actor)
      fail('a slot was lost')
    },
    pauseSlot: () => {
      const { actor } = slot()
      world.pause(actor)
      later(() => world.wake(actor))
      if (dice.chance(0.5)) fail('a slot is silent')
    },
    pauseCoordinator: () => {
      world.pause(process.main)
      later(() => world.wake(process.main))
    },
    killWorker: () => process.cluster.killOne(),
    pauseWorker: () => process.cluster.pauseOne(),
    savepoint: () => process.request('savepoint'),
    suspend: () => ask('suspend'),
    stop: () => ask('stop'),
    drain: () => ask('drain'),
  }
  const alone = ['kill', 'kill', 'pause', 'pause', 'supersede', 'killSlot', 'pauseSlot', 'pauseCoordinator']
  const between = ['killWorker', 'killWorker', 'pauseWorker', 'pauseWorker']
  const likely = process.cluster.options.workers > 1 ? [...alone, ...between] : alone
  const asked = ['savepoint', 'savepoint', 'suspend', 'stop', 'drain']
  for (let left = dice.between(0, 3); left > 0; left -= 1) {
    const what = dice.pick(dice.chance(0.65) ? likely : asked)
    // Much is settled with targets while an attempt begins.
    world.after(director, dice.chance(0.25) ? dice.next() * 50 : dice.span(1, 1_500), () => {
      onDisturbed(what)
      world.as(process.main, disturbances[what])
    })
  }
}
