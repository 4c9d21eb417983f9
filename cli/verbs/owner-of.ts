import { join, resolve } from 'node:path'
import type pg from 'pg'
import { civilDayAt } from '#kernel/days.ts'
import type { Storage } from '#platform/files/index.ts'
import type { Installation } from '#platform/postgres/index.ts'
import type { Vault } from '#platform/vault/index.ts'
import { clockFrom } from '../../server/src/configuration.ts'
import { configuration } from '../connection.ts'

/** The time as this installation tells it; a demonstration may pretend another day. */
export const now = (): Date => clockFrom(configuration())()
export const today = () => civilDayAt(now())

/** The folder of this installation, with its keys and files. */
export const installationDir = (): string => resolve(configuration().dir)

/** The bucket of this installation; undefined where its files lie in its folder. */
export const installationBucket = async (): Promise<Storage | undefined> => {
  const config = configuration()
  if (!config.s3) return undefined
  const { storageOf } = await import('#platform/files/index.ts')
  return storageOf(config, installationDir())
}

/** Does something in this installation, embedded or on a server, and leaves its database as it was found. */
export const inInstallation = async <T>(work: (place: Installation) => Promise<T>): Promise<T> => {
  const config = configuration()
  const { openInstallation } = await import('#platform/postgres/index.ts')
  const place = await openInstallation({
    dir: resolve(config.dir),
    databaseUrl: config.databaseUrl,
    ownerUrl: config.ownerUrl,
  })
  try {
    return await work(place)
  } finally {
    await place.stop()
  }
}

/** The same as the owner of the database, who sees every office. */
export const asOwner = <T>(work: (owner: pg.Pool) => Promise<T>): Promise<T> =>
  inInstallation(async (place) => {
    const { ownerPool } = await import('#platform/database/index.ts')
    const pool = ownerPool(place.owner)
    try {
      return await work(pool)
    } finally {
      await pool.end()
    }
  })

/** The key ring of this installation, for a look into what is sealed; nothing where it lies elsewhere, and none is made. */
export const withVault = async <T>(work: (vault: Vault | undefined) => Promise<T>): Promise<T> => {
  const { hasRing, openVault } = await import('#platform/vault/index.ts')
  const dir = join(installationDir(), 'keys')
  if (!hasRing(dir)) return work(undefined)
  const vault = await openVault({ dir })
  try {
    return await work(vault)
  } finally {
    await vault.close()
  }
}
