import { join, resolve } from 'node:path'
import { civilDayAt } from '#kernel/days.ts'
import { openDatabase } from '#platform/database/index.ts'
import { migrate } from '#platform/database/migrate.ts'
import { openFiles } from '#platform/files/index.ts'
import type { App, HttpOptions } from '#platform/http/http.ts'
import { openInstallation } from '#platform/postgres/index.ts'
import { openVault } from '#platform/vault/index.ts'
import { createApp, createWorker } from './app.ts'
import { type Configuration, clockFrom } from './configuration.ts'
import { adoptPlans, isEmpty, seedDemonstration } from './seed/demonstration.ts'

export interface Running {
  readonly app: App
  readonly options: HttpOptions
  readonly worker: ReturnType<typeof createWorker>
  stop(): Promise<void>
}

/** Database, migrations, editions, demonstration, application: everything but listening. The CLI and the server share it. */
export const makeRunning = async (configuration: Configuration, say: (line: string) => void): Promise<Running> => {
  const dir = resolve(configuration.dir)
  const installation = await openInstallation({
    dir,
    databaseUrl: configuration.databaseUrl,
    ownerUrl: configuration.ownerUrl,
  })
  const ran = await migrate(installation.owner, { onFile: (name) => say(`升级数据库 ${name}`) })
  const db = openDatabase(installation.server)
  const vault = await openVault({ dir: join(dir, 'keys') })
  const clock = clockFrom(configuration.pretendToday)
  const services = {
    vault,
    files: openFiles({ dir: join(dir, 'files'), vault }),
    demonstration: configuration.demonstration,
    secondStep: configuration.secondStep,
  }
  const options: HttpOptions = { db, services, clock }
  const at = clock()
  const today = civilDayAt(at)
  if (configuration.demonstration && (await isEmpty(db, services, at, today))) {
    say('数据库是空的，正在放入示范互助会')
    await seedDemonstration(db, services, at, today)
  } else if (ran.length > 0) await adoptPlans(db, services, at, today)
  const app = await createApp(options)
  const worker = createWorker(options)
  return {
    app,
    options,
    worker,
    stop: async () => {
      await app.close()
      await worker.stop()
      await db.close()
      await vault.close()
      await installation.stop()
    },
  }
}
