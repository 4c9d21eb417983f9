import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { memberNumberForm, memberNumberSays } from '#contract/member-number.ts'
import { isDay } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'
import { demonstrationDay } from '../../server/src/configuration.ts'
import { configuration, connect } from '../connection.ts'
import { type Io, parse, RefusedError, UsageError, withProgress } from '../io.ts'
import { allRows, remembered, usageOf, type Verb } from '../verb.ts'
import { signInAs } from './sign-in.ts'

const help = {
  zh: '示范：一次登录所有示范用户、以会员身份登录、把今天设成某日、代替银行写对账单和回单（只用于示范模式）',
  en: 'demonstration only: sign everybody in, sign in as a member, set the day, write what a bank would send',
  usage: [
    'demo sign-in（所有示范用户一起登录）',
    'demo today 2026-07-20（把示范的“今天”设成这一天，并重新登录）',
    'demo member 会员号 [--as east-agency]（以这位会员的身份登录：代办处发码，她用码登录）',
    'demo statement -o 对账单.csv（银行对账单：每份未缴清的通知单都付清）',
    'demo answer 银行文件.csv -o 回单.csv [--fail 原因]（银行回单：全部成功，或第一笔失败）',
  ],
}

const signEverybodyIn = async (io: Io): Promise<void> => {
  const { demoPassword, demoStaff, offices } = await import('../../server/src/seed/demonstration.ts')
  const logins = offices.flatMap((office) => demoStaff(office.key).map((staff) => staff.login))
  const api = await connect(io, { open: true })
  try {
    await withProgress(io, '正在登录', async () => {
      for (const login of [...logins].reverse()) await signInAs(api, login, demoPassword)
    })
  } finally {
    await api.close()
  }
  io.out(`已登录 ${logins.length} 位示范用户；用 --as 指明以谁的身份，如 --as ${logins[0]}`)
}

/** What the agency's desk does once she has shown her paper: a code, and she signs in with it. */
const signInAsMember = async (io: Io, memberNumber = '', as = 'east-agency'): Promise<void> => {
  if (!memberNumberForm.test(memberNumber)) throw new UsageError(memberNumberSays)
  const api = await connect(io, { as })
  try {
    const key = (await api.post(`/members/${memberNumber}/sign-in-code`)).json<{ login: string; code: string }>()
    await signInAs(api, key.login, key.code)
    io.out(`已以会员 ${memberNumber} 的身份登录`)
  } finally {
    await api.close()
  }
}

/** What a demonstration needs and a real installation has from elsewhere: other days, other people, a bank. */
export const demo: Verb = {
  name: 'demo',
  help,
  run: async (args, io) => {
    const { words, flags } = parse(args, ['o', 'fail', 'as'])
    const config = configuration()
    if (!config.demonstration) throw new UsageError('这个动作只用于示范模式。Only in a demonstration.')
    const out = (): string => {
      const path = flags.get('o')
      if (!path) throw new UsageError(`请写明 -o 文件。${usageOf(help)}`)
      return path
    }
    const save = async (path: string, bytes: Buffer) => {
      await writeFile(path, bytes, { mode: 0o600 }).catch(() => {
        throw new UsageError(`写不了文件 ${path}`)
      })
      io.out(`已写到 ${path}`)
    }
    switch (words[0]) {
      case 'sign-in':
        await signEverybodyIn(io)
        return 0
      case 'today': {
        const day = words[1] ?? ''
        if (!isDay(day)) throw new UsageError('请写明哪一天，如 demo today 2026-07-20')
        if (config.pretendToday)
          throw new UsageError(`已用 TONGZHOU_TODAY=${config.pretendToday} 设定，请先去掉这个环境变量。`)
        await mkdir(config.dir, { recursive: true, mode: 0o700 })
        const { file, text } = demonstrationDay(resolve(config.dir), day)
        await writeFile(file, text)
        io.out(`示范里的今天是 ${day}`)
        await signEverybodyIn(io)
        return 0
      }
      case 'member': {
        await signInAsMember(io, words[1] === 'last' ? remembered(config.dir).member : words[1], flags.get('as'))
        return 0
      }
      case 'statement': {
        const path = out()
        const api = await connect(io, { as: 'east-finance' })
        try {
          const notices = await allRows<{ id: number; number: string; unit: string; dueFen: number; paidFen: number }>(
            api,
            '/payment-notices',
          )
          const { today } = (await api.get('/me')).json<{ today: string }>()
          const open = notices.filter((notice) => notice.dueFen > notice.paidFen)
          const { writeCsv } = await import('#platform/sheets/index.ts')
          await save(
            path,
            writeCsv([
              ['示范银行账户流水'],
              ['交易日期', '对方户名', '贷方金额', '附言', '流水号'],
              ...open.map((notice) => [
                today,
                notice.unit,
                yuan(notice.dueFen - notice.paidFen),
                `互助费 ${notice.number}`,
                `示${notice.number}`,
              ]),
            ]),
          )
          io.out(`${open.length} 笔`)
        } finally {
          await api.close()
        }
        return 0
      }
      case 'answer': {
        const path = out()
        const given = await readFile(words[1] ?? '').catch(() => {
          throw new UsageError(`打不开银行文件 ${words[1] ?? ''}。${usageOf(help)}`)
        })
        const [, titles = '', ...lines] = new TextDecoder('gb18030').decode(given).trim().split(/\r?\n/)
        const column = (name: string): number => titles.split(',').indexOf(name)
        const [reference, amount] = [column('参考号'), column('金额')]
        if (reference < 0 || amount < 0)
          throw new RefusedError({ message: `${words[1]} 不是 pay release 写的银行文件` })
        const why = flags.get('fail')
        const { writeCsv } = await import('#platform/sheets/index.ts')
        await save(
          path,
          writeCsv(
            [
              ['参考号', '金额', '结果', '原因'],
              ...lines.map((line, i) => {
                const cells = line.split(',')
                const failed = why !== undefined && i === 0
                return [cells[reference] ?? '', cells[amount] ?? '', failed ? '失败' : '成功', failed ? why : '']
              }),
            ],
            'gb18030',
          ),
        )
        return 0
      }
      default:
        throw new UsageError(usageOf(help))
    }
  },
}
