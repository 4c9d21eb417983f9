import { resolve } from 'node:path'
import pg from 'pg'
import { clientConfig } from '#platform/database/index.ts'
import { openInstallation } from '#platform/postgres/index.ts'
import { configuration } from '../connection.ts'

/** Does something as the owner of this installation's database, the embedded one or a server's, and leaves it. */
export const asOwner = async <T>(work: (owner: pg.Pool) => Promise<T>): Promise<T> => {
  const config = configuration()
  const installation = await openInstallation({
    dir: resolve(config.dir),
    databaseUrl: config.databaseUrl,
    ownerUrl: config.ownerUrl,
  })
  const pool = new pg.Pool({ ...clientConfig(installation.owner), max: 1 })
  try {
    return await work(pool)
  } finally {
    await pool.end()
    await installation.stop()
  }
}
