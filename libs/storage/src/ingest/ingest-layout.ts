const padded = (number: number): string => String(number).padStart(10, '0')

/** Whether it can name an endpoint: what fits a path of files and an address. */
export const isEndpoint = (name: string): boolean => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)

export const segmentsPrefix = (endpoint: string): string => `ingest/${endpoint}/segments/`
export const floorsPrefix = (endpoint: string): string => `ingest/${endpoint}/floors/`
export const segmentPath = (endpoint: string, number: number): string => `${segmentsPrefix(endpoint)}${padded(number)}`
export const floorPath = (endpoint: string, number: number): string => `${floorsPrefix(endpoint)}${padded(number)}`

/** The number that a path of either kind ends with. */
export const numberOf = (path: string): number => Number(path.slice(path.lastIndexOf('/') + 1))
