import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What becomes of one request: it is passed on; it reaches the store, whose answer is lost; it is answered here by a
 * status, with S3's error code; it is never answered; the answer breaks off in the middle of its body; a
 * refusal by the store comes back as success, as if it had not looked at a condition.
 */
export type GatewayFault =
  | 'pass'
  | 'lose answer'
  | 'never answer'
  | 'cut body'
  | { readonly status: number; readonly code: string }
  | 'never refuse'

/** A gateway between a client and a store, which does to each request what `faultOf` says. */
export async function faultyGateway(
  target: string,
  faultOf: (request: { readonly method: string; readonly path: string; readonly number: number }) => GatewayFault,
): Promise<{ readonly endpoint: string; readonly requests: () => number; close(): Promise<void> }> {
  let number = 0
  const server = createServer((incoming, outgoing) => {
    number += 1
    const fault = faultOf({ method: incoming.method!, path: incoming.url!, number })
    if (fault === 'never answer') return void incoming.resume()
    if (typeof fault === 'object') return refuse(incoming, outgoing, fault)
    passOn(target, incoming, outgoing, fault)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => number,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, fault: { status: number; code: string }): void {
  incoming.resume().once('end', () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${fault.code}</Code><Message>So it is</Message></Error>`
    outgoing.writeHead(fault.status, { 'content-type': 'application/xml' }).end(incoming.method === 'HEAD' ? '' : text)
  })
}

function passOn(target: string, incoming: IncomingMessage, outgoing: ServerResponse, fault: GatewayFault): void {
  const { headers } = incoming
  // The host stays what the client signed.
  const passed = request(new URL(incoming.url!, target), { method: incoming.method, headers }, (answer) => {
    const parts: Buffer[] = []
    answer.on('data', (part: Buffer) => parts.push(part))
    answer.once('end', () => {
      if (fault === 'lose answer') return void incoming.socket.destroy()
      if (fault === 'never refuse' && answer.statusCode === 412) return void outgoing.writeHead(200).end()
      const body = Buffer.concat(parts)
      outgoing.writeHead(answer.statusCode!, answer.headers)
      if (fault !== 'cut body') return void outgoing.end(body)
      outgoing.write(body.subarray(0, body.length >> 1), () => incoming.socket.destroy())
    })
  })
  passed.once('error', () => incoming.socket.destroy())
  incoming.pipe(passed)
}
