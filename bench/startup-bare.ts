// The least that a start can be with the same database: it is started, and one page is answered by one query.
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { openDatabase } from '#platform/database/index.ts'
import { openInstallation } from '#platform/postgres/index.ts'

const installation = await openInstallation({ dir: process.argv[2] ?? '' })
const db = openDatabase(installation.server)
const server = http.createServer(async (_, res) => {
  const { rows } = await db.pool.query('select 1 as one')
  res.end(JSON.stringify(rows))
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.once('SIGINT', async () => {
  server.close()
  await db.close()
  await installation.stop()
  process.exit(0)
})
