import { join } from 'node:path'
import type { Refused, Result } from '#kernel/result.ts'
import type { Context } from '#platform/database/index.ts'
import { configuration } from '../connection.ts'
import { type Io, RefusedError, withProgress } from '../io.ts'
import { inInstallation, installationDir, now, today } from './owner-of.ts'

/** The database brought to this version by its owner, then changed as the application changes it: by its rules, with an act. */
export const asKeeper = <T>(io: Io, what: string, work: (ctx: Context) => Promise<Result<T, Refused>>): Promise<T> =>
  inInstallation((place) =>
    withProgress(io, what, async () => {
      const [{ openDatabase }, { migrate }, { openVault }, { openFiles, diskStorage }, { sentence }] =
        await Promise.all([
          import('#platform/database/index.ts'),
          import('#platform/database/migrate.ts'),
          import('#platform/vault/index.ts'),
          import('#platform/files/index.ts'),
          import('#platform/http/http.ts'),
        ])
      await migrate(place.owner, { onFile: (name) => io.err(name) })
      const dir = installationDir()
      const vault = await openVault({ dir: join(dir, 'keys') })
      const db = openDatabase(place.server, { connections: 1 })
      const { demonstration, secondStep } = configuration()
      const services = {
        vault,
        files: openFiles({ storage: diskStorage(join(dir, 'files')), vault }),
        demonstration,
        secondStep,
      }
      const actor = { kind: 'system', id: 0, name: '', role: 'system', place: null } as const
      try {
        const answer = await work({ db, services, office: 1, actor, today: today(), at: now(), requestId: 'keeper' })
        if (answer.ok) return answer.value
        throw new RefusedError({ ...answer.refused, message: sentence(answer.refused).zh })
      } finally {
        await Promise.all([db.close(), vault.close()])
      }
    }),
  )
