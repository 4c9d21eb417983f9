import { connect, type NetConnectOpts } from 'node:net'

/** What a scanner says of a paper: nothing found, what was found, or nothing at all, since it did not answer. */
export type Verdict = { readonly found: null } | { readonly found: string } | 'no answer'

/** Whoever looks for malware in papers. Without one nobody does. */
export interface Scanner {
  scan(bytes: Buffer): Promise<Verdict>
  answers(): Promise<boolean>
}

/** Where clamd listens: a socket of this machine, or a host and its port. */
export type ClamdPlace = { readonly path: string } | { readonly host: string; readonly port: number }

/** A place as it is written in a setting, `/run/clamav/clamd.ctl` or `host:3310`; undefined where it is neither. */
export const clamdPlace = (said: string): ClamdPlace | undefined => {
  if (said.startsWith('/')) return { path: said }
  const [, host, port] = /^([\w.-]+|\[[\da-f:]+\]):(\d{1,5})$/i.exec(said) ?? []
  const number = Number(port)
  return host && number > 0 && number <= 65_535 ? { host: host.replace(/^\[|\]$/g, ''), port: number } : undefined
}

const pieceBytes = 256 * 1024

/** ClamAV's daemon, which reads a paper from the connection (INSTREAM): it needs neither our files nor our folders. */
export const clamd = (place: ClamdPlace, { withinMs = 30_000 } = {}): Scanner => ({
  scan: async (bytes) => {
    const reply = await ask(place, withinMs, 'zINSTREAM\0', ...inPieces(bytes))
    if (reply === 'stream: OK') return { found: null }
    const found = /^stream: (.+) FOUND$/.exec(reply)?.[1]
    return found ? { found } : 'no answer' // too large for its settings, for instance: it did not look
  },
  answers: async () => (await ask(place, withinMs, 'zPING\0')) === 'PONG',
})

/** Each piece behind its length; a length of nothing ends them. */
const inPieces = function* (bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(piece.length)
    yield length
    yield piece
  }
  yield Buffer.alloc(4)
}

/** One question on a connection of its own; an empty answer where none came in time. */
const ask = (place: ClamdPlace, withinMs: number, ...question: (string | Buffer)[]): Promise<string> =>
  new Promise((done) => {
    const connection = connect(place as NetConnectOpts)
    let reply = ''
    const finish = (): void => {
      clearTimeout(timer)
      connection.destroy()
      done(reply.endsWith('\0') ? reply.slice(0, -1) : '')
    }
    const timer = setTimeout(finish, withinMs)
    connection.setEncoding('latin1')
    connection.on('data', (piece: string) => {
      reply += piece
      if (reply.includes('\0') || reply.length > 10_000) finish()
    })
    // It may say what it found and close before all was sent: what was said counts.
    connection.on('error', finish)
    connection.on('end', finish)
    for (const part of question) connection.write(part)
  })
