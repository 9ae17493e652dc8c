import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/**
 * How to sign in to the demo tenant. It lies in the data folder, readable for the platform's user alone, because each
 * start shows it again: the folder holds the key to everything anyway, and the console answers on this machine only.
 */
const demoAccountSchema = z.object({ tenant: z.string(), email: z.string(), password: z.string() })
export type DemoAccount = z.infer<typeof demoAccountSchema>

/** Null where there is none: the platform was started without a demo. */
export async function readDemoAccount(folder: string): Promise<DemoAccount | null> {
  const text = await readFile(join(folder, 'demo.json'), 'utf8').catch(() => 'null')
  try {
    return demoAccountSchema.nullable().parse(JSON.parse(text))
  } catch {
    return null
  }
}

export async function writeDemoAccount(folder: string, account: DemoAccount): Promise<void> {
  const path = join(folder, 'demo.json')
  await writeFile(`${path}.new`, JSON.stringify(account), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** 80 bits in characters that are not taken for each other. */
export function newPassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const characters = Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join('')
  return characters.match(/.{4}/g)!.join('-')
}
