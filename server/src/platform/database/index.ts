import pg from 'pg'
import { idsFrom } from './ids.ts'
import type { Database } from './transaction.ts'
import { valueTypes } from './values.ts'

export { sql } from 'kysely'
export { type CopyType, copyIn } from './copy-in.ts'
export type { DB as Schema } from './schema.ts'
export { type Actor, type Context, type Database, isDuplicate, read, type Tx, transact } from './transaction.ts'
export { valueTypes } from './values.ts'

/** Where a database listens and as whom we sign in: a postgres:// address, or a socket folder with a secret. */
export type Connection = string | Pick<pg.ClientConfig, 'host' | 'port' | 'user' | 'password' | 'database'>

export const clientConfig = (to: Connection): pg.ClientConfig => ({
  ...(typeof to === 'string' ? { connectionString: to } : to),
  types: valueTypes,
  application_name: 'tongzhou',
})

/** Opens the pool that requests share. Ids come by a connection of their own, so that a full pool cannot wait for itself. */
export const openDatabase = (to: Connection, { connections = 10 } = {}): Database => {
  const pool = new pg.Pool({ ...clientConfig(to), max: connections })
  const idPool = new pg.Pool({ ...clientConfig(to), max: 1 })
  // An idle connection that the server ends (a restart) is replaced at the next use; the use itself reports its own error.
  for (const each of [pool, idPool]) each.on('error', () => {})
  return {
    pool,
    ids: idsFrom(idPool),
    close: async () => {
      await Promise.all([pool.end(), idPool.end()])
    },
  }
}
