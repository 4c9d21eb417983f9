// One server of the http benchmark, a process of its own: ours, or bare node:http that sends given statements.
import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { day } from '#kernel/days.ts'
import { clientConfig, openDatabase } from '#platform/database/index.ts'
import { diskStorage, openFiles } from '#platform/files/index.ts'
import { openVault } from '#platform/vault/index.ts'
import { createApp } from '../server/src/app.ts'
import { demoPassword, seedDemonstration } from '../server/src/seed/demonstration.ts'

/** A statement as our server sent it; a null value is the hash of the asker's token, worked out for each request. */
export interface Sent {
  readonly text: string
  /** ours prepares it once a connection; the base that sends as ours does too */
  readonly name?: string
  readonly values: readonly unknown[]
}
export interface Setup {
  readonly as: 'ours' | 'same statements' | 'in one breath' | 'one query'
  readonly connection: pg.ClientConfig
  readonly dir: string
  readonly path: string
  readonly login: string
  readonly statements: readonly Sent[]
  /** the bar of requests a minute from one address; lifted if absent */
  readonly requestsPerMinute?: number
}
export interface Ready {
  readonly port: number
  readonly token: string
  readonly statements: readonly Sent[]
}

const connections = 10

const listen = async (server: http.Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

/** Our application as it stands, but for the limit of requests a minute; tells the statements of one request. */
const ours = async ({ connection, dir, path, login, requestsPerMinute = 1e9 }: Setup): Promise<Ready> => {
  const db = openDatabase(connection, { connections })
  const vault = await openVault({ dir: join(dir, 'keys') })
  const services = { vault, files: openFiles({ storage: diskStorage(join(dir, 'files')), vault }), demonstration: true }
  const clock = () => new Date()
  await seedDemonstration(db, services, clock(), day(clock().toISOString().slice(0, 10)))
  const app = await createApp({ db, services, clock, requestsPerMinute })
  const signedIn = await app.inject({ method: 'POST', url: '/sign-in', payload: { login, password: demoPassword } })
  const { token } = signedIn.json<{ token: string }>()

  const statements: Sent[] = []
  const query = pg.Client.prototype.query
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const [first, second] = given
    const text = typeof first === 'string' ? first : (first as { text: string }).text
    const values = (Array.isArray(second) ? second : ((first as { values?: unknown[] }).values ?? [])) as unknown[]
    const { name } = first as { name?: string }
    statements.push({
      text,
      values: values.map((value) => (Buffer.isBuffer(value) ? null : value)),
      ...(name ? { name } : {}),
    })
    return Reflect.apply(query, this, given)
  } as typeof query
  const reply = await app.inject({ url: path, headers: { authorization: `Bearer ${token}` } })
  pg.Client.prototype.query = query
  if (reply.statusCode !== 200) throw new Error(`${path}: ${reply.body}`)

  await app.listen({ host: '127.0.0.1', port: 0 })
  return { port: (app.server.address() as AddressInfo).port, token, statements }
}

/** What no server can go below: the same statements over the same kind of pool, and the rows as they come. */
const bare = async ({ as, connection, statements }: Setup): Promise<Ready> => {
  const inOneBreath = as === 'in one breath'
  const pool = new pg.Pool({ ...clientConfig(connection), max: connections, pipeline: inOneBreath })
  const [session, opening, ask, closing] = statements
  if (!session || !opening || !ask || !closing) throw new Error('session, opening, query and commit were expected')
  const tokenOf = (token: string): Buffer => createHash('sha256').update(token).digest()
  const oneQuery = async (token: string): Promise<unknown> =>
    (
      await pool.query({
        text: session.text,
        values: session.values.map((value) => value ?? tokenOf(token)),
        ...(inOneBreath && session.name ? { name: session.name } : {}),
      })
    ).rows
  const sameStatements = async (token: string): Promise<unknown> => {
    const who = (await oneQuery(token)) as unknown[]
    if (who.length === 0) throw new Error('nobody')
    const client = await pool.connect()
    try {
      const opened = client.query(opening.text)
      if (!inOneBreath) await opened
      const { rows } = await client.query(ask.text, [...ask.values])
      await opened
      await client.query(closing.text)
      return rows
    } finally {
      client.release()
    }
  }
  const server = http.createServer(async (req, res) => {
    const token = (req.headers.authorization ?? '').slice(7)
    const body = JSON.stringify(as === 'one query' ? await oneQuery(token) : await sameStatements(token))
    res.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) })
    res.end(body)
  })
  return { port: await listen(server), token: '', statements: [] }
}

process.once('message', (setup: Setup) => {
  const start = setup.as === 'ours' ? ours : bare
  void start(setup).then(
    (ready) => process.send?.(ready),
    (error: Error) => {
      process.stderr.write(`${error.stack}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
// Said once somebody listens here: a message sent to a process that still loads may be lost.
process.send?.('here')
