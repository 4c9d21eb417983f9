import { resolve } from 'node:path'
import pg from 'pg'
import { civilDayAt } from '#kernel/days.ts'
import { clientConfig } from '#platform/database/index.ts'
import { migrate as migrateDatabase } from '#platform/database/migrate.ts'
import { openInstallation } from '#platform/postgres/index.ts'
import { clockFrom } from '../../server/src/configuration.ts'
import { doctor as ask } from '../../server/src/doctor.ts'
import { configuration } from '../connection.ts'
import { parse, withProgress } from '../io.ts'
import type { Verb } from '../verb.ts'

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
    const config = configuration()
    const installation = await openInstallation({
      dir: resolve(config.dir),
      databaseUrl: config.databaseUrl,
      ownerUrl: config.ownerUrl,
    })
    const pool = new pg.Pool({ ...clientConfig(installation.owner), max: 1 })
    try {
      const answers = await withProgress(io, '正在体检', () => ask(pool, civilDayAt(clockFrom(config.pretendToday)())))
      if (flags.has('json')) io.out(JSON.stringify(answers, null, 2))
      else
        for (const { name, zh, rows, sample } of answers)
          io.out(
            `${rows === 0 ? '正常' : '异常'}  ${name}  ${zh}${rows > 0 ? `：${rows} 处，例如 ${JSON.stringify(sample[0])}` : ''}`,
          )
      return answers.some(({ rows }) => rows > 0) ? 1 : 0
    } finally {
      await pool.end()
      await installation.stop()
    }
  },
}

export const migrate: Verb = {
  name: 'migrate',
  help: { zh: '把数据库升级到这个版本', en: 'bring the database to this version', usage: ['migrate'] },
  run: async (_, io) => {
    const config = configuration()
    const installation = await openInstallation({
      dir: resolve(config.dir),
      databaseUrl: config.databaseUrl,
      ownerUrl: config.ownerUrl,
    })
    try {
      const ran = await withProgress(io, '正在升级', () =>
        migrateDatabase(installation.owner, { onFile: (name) => io.err(name) }),
      )
      io.out(ran.length === 0 ? '已经是最新' : `执行了 ${ran.length} 个迁移`)
      return 0
    } finally {
      await installation.stop()
    }
  },
}
