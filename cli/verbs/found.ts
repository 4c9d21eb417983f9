import type { z } from 'zod'
import type { FirstAdministrator } from '#modules/network/index.ts'
import { type Io, type Parsed, parse, UsageError } from '../io.ts'
import { usageOf, type Verb } from '../verb.ts'
import { asKeeper } from './keeper.ts'

// Before anybody can sign in: these verbs are for whoever keeps the database, like migrate and doctor.

// Whoever types another verb does not wait for the shapes of these.
const contract = () => import('#contract/found.ts')

const people = '--administrator 用户名 --name 姓名 [--second 用户名 --second-name 姓名]'
const peopleFlags = ['administrator', 'name', 'second', 'second-name']

const administratorsIn = ({ flags }: Parsed) => {
  const first = { login: flags.get('administrator'), name: flags.get('name') }
  const second = { login: flags.get('second'), name: flags.get('second-name') }
  return second.login === undefined && second.name === undefined ? [first] : [first, second]
}

/** What was typed, as the contract has it; what is wrong with it is told by its flag. */
const checked = async <T>(shape: z.ZodType<T>, typed: unknown, help: Verb['help']): Promise<T> => {
  const read = shape.safeParse(typed)
  if (read.success) return read.data
  const { fieldProblems } = await import('#platform/http/field-problems.ts')
  const said = fieldProblems(read.error.issues).map(({ field, problem }) => `${field}：${problem}`)
  throw new UsageError([...said, usageOf(help)].join('\n'))
}

const passwords = (administrators: readonly FirstAdministrator[]): string[] =>
  administrators.map(
    ({ login, staffId, password }) =>
      `管理员 ${login}（编号 ${staffId}）临时密码 ${password}（只显示这一次，首次登录要改，再绑定第二步验证）`,
  )

const oneHand = '许多事要两个人办，请尽快任命第二位管理员（或在这里写 --second）。'

const foundFlags = ['association', 'short-name', 'office', 'region', ...peopleFlags]
export const found: Verb = {
  name: 'found',
  help: {
    zh: '登记互助会、总会和第一位管理员：正式使用的第一步，只在空的数据库里',
    en: 'found the association, its head office and first administrator in an empty database',
    usage: [`found --association 全称 [--short-name 简称] --office 总会名称 --region 地区 ${people}`],
  },
  run: async (args, io) => {
    const typed = parse(args, foundFlags, ['json'])
    const { flags } = typed
    const { FoundAssociation } = await contract()
    const input = await checked(
      FoundAssociation,
      {
        association: flags.get('association'),
        shortName: flags.get('short-name') ?? flags.get('association'),
        office: flags.get('office'),
        region: flags.get('region'),
        administrators: administratorsIn(typed),
      },
      found.help,
    )
    const { foundAssociation } = await import('#modules/network/index.ts')
    const done = await asKeeper(io, '正在登记', (ctx) => foundAssociation(ctx, input))
    if (flags.has('json')) io.out(JSON.stringify(done))
    else
      io.out([`已登记“${input.association}”，总会编号 ${done.office}。`, ...passwords(done.administrators)].join('\n'))
    if (done.administrators.length === 1) io.err(oneHand)
    return 0
  },
}

/** The terms of `commonWords`, which is not loaded to type another verb. */
const wordFlags = ['plan', 'enrol', 'agency', 'benefit', 'contribution']
const officeSteps: Readonly<Record<string, (typed: Parsed, io: Io) => Promise<void>>> = {
  add: async (typed, io) => {
    const { words, flags } = typed
    const { AddOffice } = await contract()
    const input = await checked(
      AddOffice,
      { office: words[1], region: flags.get('region'), administrators: administratorsIn(typed) },
      office.help,
    )
    const { addOffice } = await import('#modules/network/index.ts')
    const done = await asKeeper(io, '正在登记', (ctx) => addOffice(ctx, input))
    if (flags.has('json')) io.out(JSON.stringify(done))
    else io.out([`已登记“${input.office}”，编号 ${done.office}。`, ...passwords(done.administrators)].join('\n'))
    if (done.administrators.length === 1) io.err(oneHand)
  },
  administrator: async (typed, io) => {
    const { words, flags } = typed
    const { AddAdministrators } = await contract()
    const asked = { office: words[1], administrators: administratorsIn(typed), reason: flags.get('reason') }
    const input = await checked(AddAdministrators, asked, office.help)
    const { addAdministratorsTo } = await import('#modules/network/index.ts')
    const done = await asKeeper(io, '正在登记', (ctx) => addAdministratorsTo(ctx, input))
    io.out(flags.has('json') ? JSON.stringify(done) : passwords(done.administrators).join('\n'))
  },
  agency: async ({ words, flags }, io) => {
    const { AddAgency } = await contract()
    const input = await checked(AddAgency, { office: words[1], name: words[2] }, office.help)
    const { addAgency } = await import('#modules/network/index.ts')
    const done = await asKeeper(io, '正在登记', (ctx) => addAgency(ctx, input))
    io.out(flags.has('json') ? JSON.stringify(done) : `已登记代办处“${input.name}”，编号 ${done.agencyId}`)
  },
  point: async ({ words, flags }, io) => {
    const { AddPoint } = await contract()
    const input = await checked(AddPoint, { office: words[1], agency: words[2], name: words[3] }, office.help)
    const { addPoint } = await import('#modules/network/index.ts')
    const done = await asKeeper(io, '正在登记', (ctx) => addPoint(ctx, input))
    io.out(flags.has('json') ? JSON.stringify(done) : `已登记代办点“${input.name}”，编号 ${done.pointId}`)
  },
  words: async ({ words, flags }, io) => {
    const { SetWords, commonWords } = await contract()
    const said = Object.fromEntries(wordFlags.flatMap((term) => (flags.has(term) ? [[term, flags.get(term)]] : [])))
    const input = await checked(SetWords, { office: words[1], words: said }, office.help)
    const { setWords } = await import('#modules/network/index.ts')
    const now = await asKeeper(io, '正在登记', (ctx) => setWords(ctx, input))
    const told = Object.entries(commonWords).map(([term, common]) => `${common}：${now[term] ?? common}`)
    io.out(flags.has('json') ? JSON.stringify(now) : `这个办事处的用语\n${told.join('\n')}`)
  },
}

export const office: Verb = {
  name: 'office',
  help: {
    zh: '登记办事处和它的第一位管理员，登记代办处、代办点和用语；没有管理员能登录时再加一位',
    en: 'add an office with its first administrator, an agency, a point, its words, or an administrator where none can sign in',
    usage: [
      `office add 名称 --region 地区 ${people}`,
      'office agency 办事处编号 名称',
      'office point 办事处编号 代办处编号 名称',
      'office words 办事处编号（总会的，没有自己用语的办事处都用） --plan 活动 --enrol 参互 --agency 服务处 --benefit … --contribution …',
      `office administrator 办事处编号 ${people} --reason 原因`,
    ],
  },
  run: async (args, io) => {
    const typed = parse(args, ['region', 'reason', ...wordFlags, ...peopleFlags], ['json'])
    const step = officeSteps[typed.words[0] ?? '']
    if (!step) throw new UsageError(usageOf(office.help))
    await step(typed, io)
    return 0
  },
}
