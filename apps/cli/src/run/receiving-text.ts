/** Where an endpoint takes records, as a line for a shell. */
export const receivingText = (endpoint: string, url: string): string =>
  `Taking records for ${endpoint}: curl -H 'Content-Type: application/json' -d '{}' ${url}\n`
