/** Ends each field of the exchange (RFC 7628, section 3.1). */
const separator = '\x01'

/** What a client says who bears a token. */
export function bearerMessage(token: string, extensions: Readonly<Record<string, string>>): string {
  const more = Object.entries(extensions).map(([name, value]) => `${name}=${value}${separator}`)
  return `n,,${separator}auth=Bearer ${token}${separator}${more.join('')}${separator}`
}

/** What a client says to an answer that tells why it is refused; the broker then ends the exchange (section 3.2.3). */
export const bearerRefusalSeen = separator

/** Why a broker does not take a token, of the answer with which it says so: its status, where it has one. */
export function bearerRefusal(answer: Buffer): string {
  try {
    const { status } = JSON.parse(answer.toString()) as { readonly status?: unknown }
    return typeof status === 'string' && /^[\w ]{1,60}$/.test(status) ? status : 'no reason given'
  } catch {
    return 'no reason given'
  }
}
