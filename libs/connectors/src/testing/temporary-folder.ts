import { temporaryFolder } from '@lightflus/testing/services'

/** Gives a test a folder of its own, removed afterwards. */
export async function withFolder<T>(use: (path: string) => Promise<T>): Promise<T> {
  await using folder = temporaryFolder('connectors')
  return await use(folder.path)
}
