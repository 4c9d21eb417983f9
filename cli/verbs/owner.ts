import { resolve } from 'node:path'
import { civilDayAt } from '#kernel/days.ts'
import { clockFrom } from '../../server/src/configuration.ts'
import { configuration } from '../connection.ts'
import { type Io, parse, withProgress } from '../io.ts'
import type { Verb } from '../verb.ts'

/** The database as its owner: these verbs ask it directly, whether a server runs or not. */
const openAsOwner = (io: Io) =>
  withProgress(io, '正在打开数据库', async () => {
    const config = configuration()
    const { openInstallation } = await import('#platform/postgres/index.ts')
    return openInstallation({
      dir: resolve(config.dir),
      databaseUrl: config.databaseUrl,
      ownerUrl: config.ownerUrl,
    })
  })

/** Asks the live data every question, as the owner; exit code 1 where an answer is a defect. */
export const doctor: Verb = {
  name: 'doctor',
  help: {
    zh: '体检：账是否平、有没有付两次、有没有重复保障……',
    en: 'asks the live data named questions',
    usage: ['doctor [--json]'],
  },
  run: async (args, io) => {
    const { flags } = parse(args, [], ['json'])
    const [{ default: pg }, { clientConfig }, { doctor: ask }] = await Promise.all([
      import('pg'),
      import('#platform/database/index.ts'),
      import('../../server/src/doctor.ts'),
    ])
    const today = civilDayAt(clockFrom(configuration())())
    const installation = await openAsOwner(io)
    const pool = new pg.Pool({ ...clientConfig(installation.owner), max: 1 })
    try {
      const answers = await withProgress(io, '正在体检', () => ask(pool, today))
      if (flags.has('json')) io.out(JSON.stringify(answers, null, 2))
      else
        for (const { name, zh, rows, sample } of answers)
          io.out(
            `${rows === 0 ? '正常' : '异常'}  ${name}  ${zh}${rows > 0 ? `：${rows} 处，例如 ${JSON.stringify(sample[0])}` : ''}`,
          )
      const wrong = answers.filter(({ rows }) => rows > 0).length
      if (!flags.has('json'))
        io.out(wrong === 0 ? `${answers.length} 项都正常` : `${answers.length} 项中有 ${wrong} 项异常`)
      return wrong > 0 ? 1 : 0
    } finally {
      await pool.end()
      await installation.stop()
    }
  },
}

export const migrate: Verb = {
  name: 'migrate',
  help: { zh: '把数据库升级到这个版本', en: 'bring the database to this version', usage: ['migrate [--json]'] },
  run: async (args, io) => {
    const { flags } = parse(args, [], ['json'])
    const { migrate: migrateDatabase } = await import('#platform/database/migrate.ts')
    const installation = await openAsOwner(io)
    try {
      const ran = await withProgress(io, '正在升级', () =>
        migrateDatabase(installation.owner, { onFile: (name) => io.err(name) }),
      )
      io.out(
        flags.has('json') ? JSON.stringify(ran) : ran.length === 0 ? '数据库已经是最新' : `执行了 ${ran.length} 个迁移`,
      )
      return 0
    } finally {
      await installation.stop()
    }
  },
}
