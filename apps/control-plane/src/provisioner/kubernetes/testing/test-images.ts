import { needs } from '@lightflus/testing/services'

/** Variables that name the images which a cluster has to be able to run, as deploy/Dockerfile makes them. */
const variables = {
  worker: 'LIGHTFLUS_TEST_WORKER_IMAGE',
  controlPlane: 'LIGHTFLUS_TEST_CONTROL_PLANE_IMAGE',
} as const

/** An image of this repository in the cluster of the tests. @throws Error where its variable is not set */
export function testImage(name: keyof typeof variables): { readonly repository: string; readonly tag: string } {
  const image = process.env[variables[name]]
  if (!image) throw new Error(`${variables[name]} is not set: it names an image that the cluster can run`)
  const [repository, tag] = image.split(/:(?=[^:/]*$)/)
  return { repository: repository!, tag: tag ?? 'latest' }
}

/** `describe` for what also needs these images and Postgres, or `describe.skip`; with `CI=true` nothing is skipped. */
export function needsImages(...names: (keyof typeof variables)[]): jest.Describe {
  const missing = names.some((name) => !process.env[variables[name]])
  return missing && process.env.CI !== 'true' ? describe.skip : needs('postgres')
}
