import { AsyncLocalStorage } from 'node:async_hooks'
import * as real from 'node:fs/promises'

/** What each call of an attempt asks first: whether its process dies there, before it or after, or sleeps first. */
export type Death = () => 'before' | 'after' | Promise<void> | undefined

interface Life {
  readonly death: Death
  isOver: boolean
}

const lives = new AsyncLocalStorage<Life>()

/** Runs an attempt as if in a process of its own, which may end at any of its calls to the file system. */
export const inProcess = <T>(death: Death, run: () => Promise<T>): Promise<T> =>
  lives.run({ death, isOver: false }, run)

type Call = (...args: never[]) => Promise<unknown>

/** @param drop what a process that dies leaves to the system to end */
const mortal = <F extends Call>(call: F, drop?: (result: Awaited<ReturnType<F>>) => Promise<void>): F =>
  (async (...args: Parameters<F>) => {
    const life = lives.getStore()
    if (!life) return call(...args)
    // What is dead calls nothing any more.
    if (life.isOver) throw new Error('dead')
    const death = life.death()
    if (typeof death === 'object') await death
    if (death === 'before') life.isOver = true
    if (life.isOver) throw new Error('dies')
    const result = await call(...args)
    if (death === 'after') life.isOver = true
    if (!life.isOver) return result
    await drop?.(result as Awaited<ReturnType<F>>)
    throw new Error('dies')
  }) as F

async function openMortal(...args: Parameters<typeof real.open>): Promise<real.FileHandle> {
  const handle = await real.open(...args)
  if (!lives.getStore()) return handle
  handle.appendFile = mortal(handle.appendFile.bind(handle))
  handle.datasync = mortal(handle.datasync.bind(handle))
  handle.sync = mortal(handle.sync.bind(handle))
  return handle
}

/** Stands for `node:fs/promises`. */
export const mortalFiles = {
  ...real,
  ...{
    open: mortal(openMortal, (handle) => handle.close()),
    rename: mortal(real.rename),
    mkdir: mortal(real.mkdir as Call),
  },
  ...{ readdir: mortal(real.readdir as Call), unlink: mortal(real.unlink), rmdir: mortal(real.rmdir) },
  access: mortal(real.access),
}
