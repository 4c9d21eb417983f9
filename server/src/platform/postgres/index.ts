import { resolve } from 'node:path'
import type { Connection } from '../database/index.ts'
import { startPostgres } from './launcher.ts'
import { requireRoles } from './roles.ts'

export { startPostgres } from './launcher.ts'
export { PostgresRefused } from './refused.ts'
export { startThrowaway } from './throwaway.ts'

/** Where this installation's data are: an own server by its addresses, or the database under `dir`, started or joined. */
export interface Installation {
  readonly owner: Connection
  readonly server: Connection
  readonly kind: 'server' | 'embedded'
  /** resolves when the database that we started or joined has ended under us; an own server comes back by itself */
  readonly lost: Promise<void>
  stop(): Promise<void>
}

/** DATABASE_URL (the server's sign-in; DATABASE_OWNER_URL the owner's) before the database that we start ourselves. */
export const openInstallation = async ({
  dir,
  databaseUrl,
  ownerUrl,
}: {
  dir: string
  databaseUrl?: string | undefined
  ownerUrl?: string | undefined
}): Promise<Installation> => {
  if (databaseUrl) {
    const owner = ownerUrl ?? databaseUrl
    await requireRoles(owner)
    return { owner, server: databaseUrl, kind: 'server', lost: new Promise(() => {}), stop: async () => {} }
  }
  const postgres = await startPostgres({ dataDir: resolve(dir, 'pg') })
  return {
    owner: postgres.connection('tongzhou_owner'),
    server: postgres.connection('tongzhou_server'),
    kind: 'embedded',
    lost: postgres.lost,
    stop: postgres.stop,
  }
}
