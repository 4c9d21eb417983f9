import pg from 'pg'
import { idsFrom } from './ids.ts'
import type { Database } from './transaction.ts'
import { valueTypes } from './values.ts'

export { sql } from 'kysely'
export { column } from './columns.ts'
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

/** The owner's connection, for what looks at every office: the examination, the keys, the evidence. */
export const ownerPool = (to: Connection): pg.Pool => new pg.Pool({ ...clientConfig(to), max: 1 })

/**
 * Opens the pools that requests share. Those who only look have connections of their own, so that no import makes them wait;
 * there the driver sends a question before the one ahead is answered, which COPY would not bear. Ids come by another one, so
 * that a full pool cannot wait for itself.
 */
export const openDatabase = (to: Connection, { connections = 10 } = {}): Database => {
  const pool = new pg.Pool({ ...clientConfig(to), max: connections })
  const reading = new pg.Pool({ ...clientConfig(to), max: connections, pipeline: true })
  const idPool = new pg.Pool({ ...clientConfig(to), max: 1 })
  // An idle connection that the server ends (a restart) is replaced at the next use; the use itself reports its own error.
  for (const each of [pool, reading, idPool]) each.on('error', () => {})
  return {
    pool,
    reading,
    ids: idsFrom(idPool),
    moveTo: (there) => {
      for (const each of [pool, reading, idPool]) Object.assign(each.options, clientConfig(there))
    },
    close: async () => {
      await Promise.all([pool.end(), reading.end(), idPool.end()])
    },
  }
}
