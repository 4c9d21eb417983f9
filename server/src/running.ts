import { join, resolve } from 'node:path'
import { civilDayAt } from '#kernel/days.ts'
import { type Database, openDatabase } from '#platform/database/index.ts'
import { migrate } from '#platform/database/migrate.ts'
import { clamd, openFiles, storageOf, tryStorage } from '#platform/files/index.ts'
import type { App, HttpOptions } from '#platform/http/http.ts'
import { type Installation, openInstallation } from '#platform/postgres/index.ts'
import { type SmsGateway, shownSms, webhookSms } from '#platform/sign-in/index.ts'
import { openTraces } from '#platform/traces/index.ts'
import { openVault } from '#platform/vault/index.ts'
import { createApp, createWorker } from './app.ts'
import { type Configuration, clockFrom } from './configuration.ts'
import { adoptPlans, foundedOn, isEmpty, seedDemonstration } from './seed/demonstration.ts'

export interface Running {
  readonly app: App
  readonly options: HttpOptions
  readonly worker: ReturnType<typeof createWorker>
  stop(): Promise<void>
}

/** Why a server does not start, in words for whoever starts it. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}

/** Whether the association here is the demonstration; undefined where there is none yet. */
const isDemonstration = async (db: Database): Promise<boolean | undefined> => {
  const { rows } = await db.reading.query<{ demonstration: boolean }>('select demonstration from disclosure.about()')
  return rows[0]?.demonstration
}

/** A demonstration's data are not for production, and an association's own not for a demonstration: why, or nothing. */
const wrongMode = (configuration: Configuration, isDemonstrated: boolean | undefined): string | undefined => {
  if (!configuration.demonstration && isDemonstrated === true)
    return (
      '这里的数据是示范互助会，密码是公开的，不能用于正式运行：请换一个 TONGZHOU_DIR 或一个新的数据库。' +
      ' These data are the demonstration, with published passwords: they cannot be used in production.'
    )
  if (configuration.demonstration && isDemonstrated === false)
    return (
      '这里的数据是正式的互助会，示范模式不问第二步验证，不能打开它：请设 TONGZHOU_MODE=production。' +
      ' These data are an association of its own: set TONGZHOU_MODE=production.'
    )
  return undefined
}

/** The body's own gateway; else, in a demonstration only, what would be sent is shown. */
const smsOf = ({ sms, demonstration }: Configuration, say: (line: string) => void): SmsGateway | undefined => {
  if (sms) return webhookSms(sms, (why) => say(`短信网关（TONGZHOU_SMS_URL）没有收下一条短信：${why}`))
  return demonstration ? shownSms(say) : undefined
}

/** Database, migrations, editions, demonstration, application: everything but listening. The CLI and the server share it. */
export const makeRunning = async (
  configuration: Configuration,
  say: (line: string) => void,
  opening: Promise<Installation> = openInstallation(configuration),
): Promise<Running> => {
  const dir = resolve(configuration.dir)
  let installation = await opening
  const ran = await migrate(installation.owner, { onFile: (name) => say(`升级数据库 ${name}`) })
  const db = openDatabase(installation.server)
  const vault = await openVault({ dir: join(dir, 'keys') })
  const clock = clockFrom(configuration)
  const storage = storageOf(configuration, dir)
  const refused = configuration.s3 && (await tryStorage(storage))
  if (refused?.isPassing)
    say(`对象存储（TONGZHOU_S3_URL）现在连不上（${refused.message}）：在它恢复以前，收不了也看不了材料。`)
  else if (refused) {
    await Promise.all([db.close(), vault.close()])
    await installation.stop()
    throw new StartRefused(
      `对象存储不收我们的文件（${refused.message}）：请核对 TONGZHOU_S3_URL、KEY_ID、SECRET、REGION 和桶的权限。` +
        ' The bucket does not take our files.',
    )
  }
  const scanner = configuration.clamd && clamd(configuration.clamd)
  if (scanner && !(await scanner.answers()))
    say('病毒扫描（TONGZHOU_CLAMD）现在没有应答：在它应答以前，材料一律暂不收。The scanner does not answer yet.')
  if (!scanner && !configuration.demonstration)
    say('没有设病毒扫描（TONGZHOU_CLAMD）：材料会打开检查，但不查病毒。No malware scanner is set.')
  const sms = smsOf(configuration, say)
  const services = {
    vault,
    files: openFiles({ storage, vault, ...(scanner ? { scanner } : {}) }),
    demonstration: configuration.demonstration,
    secondStep: configuration.secondStep,
    ...(sms ? { sms } : {}),
  }
  const options: HttpOptions = {
    db,
    services,
    clock,
    ...(configuration.logRequests ? { log: (line) => process.stdout.write(`${JSON.stringify(line)}\n`) } : {}),
    ...(configuration.metricsToken ? { metricsToken: configuration.metricsToken } : {}),
    ...(configuration.oidc ? { oidc: configuration.oidc } : {}),
  }
  const at = clock()
  const today = civilDayAt(at)
  const wrong = wrongMode(configuration, await isDemonstration(db))
  if (wrong) {
    await Promise.all([db.close(), vault.close()])
    await installation.stop()
    throw new StartRefused(wrong)
  }
  if (configuration.demonstration && (await isEmpty(db, services, at, today))) {
    say('数据库是空的，正在放入示范互助会')
    // Founded before the days that a visitor may walk through, so that no unit joins after its own roster.
    const [founded = foundedOn] = [foundedOn, today].sort()
    await seedDemonstration(db, services, new Date(`${founded}T09:00:00+08:00`), founded)
  } else if (configuration.demonstration && ran.length > 0) await adoptPlans(db, services, at, today)
  // A database that is killed under a running server is started again: it recovers by its log, and requests go on.
  let isStopping = false
  const keepUp = async (): Promise<void> => {
    await installation.lost
    if (isStopping) return
    say('数据库停了，正在重新启动…… The database has stopped; it is being started again.')
    const again = await openInstallation(configuration)
    if (isStopping) return again.stop() // stopped meanwhile: what was started just now is not left behind
    installation = again
    db.moveTo(installation.server)
    say('数据库已经恢复，没有丢失已经办完的事。The database is back.')
    await keepUp()
  }
  keepUp().catch((error: Error) => {
    say(`数据库没有恢复：${error.message} 请按 Ctrl-C 停止，再启动。Stop with Ctrl-C and start again.`)
  })
  const traces = configuration.traces && (await openTraces(configuration.traces))
  const served: HttpOptions = traces ? { ...options, traces } : options
  const app = await createApp(served)
  const worker = createWorker(served)
  return {
    app,
    options: served,
    worker,
    stop: async () => {
      isStopping = true
      await app.close()
      await worker.stop()
      await traces?.stop()
      await db.close()
      await vault.close()
      await installation.stop()
    },
  }
}
