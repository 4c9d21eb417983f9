import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly told: Readonly<Record<string, string | number>>
  readonly failed: boolean
}

export interface Collector {
  readonly endpoint: string
  /** every span so far, in the order of their arrival */
  readonly spans: readonly Received[]
  /** all that was sent, as it came, with the address and the headers */
  readonly raw: () => string
  close(): Promise<void>
}

interface Value {
  readonly stringValue?: string
  readonly intValue?: number
}
interface Sent {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<Received, 'told' | 'failed'> & {
        readonly attributes: readonly { readonly key: string; readonly value: Value }[]
        readonly status: { readonly code?: number }
      })[]
    }[]
  }[]
}

const spansOf = (body: string): Received[] =>
  (JSON.parse(body) as Sent).resourceSpans
    .flatMap((each) => each.scopeSpans)
    .flatMap((each) => each.spans)
    .map(({ attributes, status, ...span }) => ({
      ...span,
      told: Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? ''])),
      failed: status.code === 2,
    }))

/** A receiver of OTLP over HTTP, in JSON: as much of a collector as a test needs. */
export const openCollector = async (): Promise<Collector> => {
  const spans: Received[] = []
  let raw = ''
  const server = createServer((req, res) => {
    let body = ''
    req.setEncoding('utf8')
    req.on('data', (piece) => {
      body += piece
    })
    req.on('end', () => {
      raw += `${req.method} ${req.url} ${JSON.stringify(req.headers)}\n${body}\n`
      spans.push(...spansOf(body))
      res.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    raw: () => raw,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
