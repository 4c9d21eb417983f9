import { day, lastDay } from '#kernel/days.ts'
import { table, UsageError } from '../io.ts'
import { apiVerb, type Verb } from '../verb.ts'
import { unitKindWords } from '../words.ts'

export const network: Verb = apiVerb(
  'network',
  { zh: '组织网络：办事处、代办处、代办点', en: 'the tree of offices, agencies and points', usage: ['network'] },
  [],
  {
    '': async ({ api, show }) => {
      const tree = (await api.get('/network')).json<{
        association: string
        offices: { id: number; name: string }[]
        agencies: { id: number; officeId: number; name: string }[]
        points: { agencyId: number; id: number; name: string }[]
      }>()
      show(tree, () =>
        [
          tree.association,
          ...tree.offices.flatMap((office) => [
            `  ${office.id} ${office.name}`,
            ...tree.agencies
              .filter((agency) => agency.officeId === office.id)
              .flatMap((agency) => [
                `    ${agency.id} ${agency.name}`,
                ...tree.points
                  .filter((point) => point.agencyId === agency.id)
                  .map((point) => `      ${point.id} ${point.name}`),
              ]),
          ]),
        ].join('\n'),
      )
    },
  },
)

export const units: Verb = apiVerb(
  'units',
  {
    zh: '单位：列出、登记、提交入会申请、批准',
    en: 'member units: list, register, apply, admit',
    usage: [
      'units list',
      'units register 名称 --kind employer|joint_union|without_code --agency 代办处 [--code 信用代码] [--employers 甲,乙]',
      'units apply 单位 盖章申请.pdf --workers 人数 [--on 日期]',
      'units admit 单位',
      'units covers 单位',
    ],
  },
  ['kind', 'agency', 'point', 'code', 'employers', 'workers', 'on'],
  {
    list: async ({ api, show }) => {
      const rows = (await api.get('/units')).json<
        { id: number; name: string; kind: string; creditCode: string | null; admittedOn: string | null }[]
      >()
      show(rows, () =>
        rows.length === 0
          ? '还没有单位。'
          : table(
              ['编号', '单位', '类型', '信用代码', '入会日'],
              rows.map((row) => [
                row.id,
                row.name,
                unitKindWords[row.kind] ?? row.kind,
                row.creditCode,
                row.admittedOn ?? '还没有入会',
              ]),
            ),
      )
    },
    register: async ({ api, words, need, flag, remember, show }) => {
      const agencyOf = async (given: string): Promise<number> => {
        if (/^\d+$/.test(given)) return Number(given)
        const { agencies } = (await api.get('/network')).json<{ agencies: { id: number; name: string }[] }>()
        const found = agencies.find((each) => each.name === given)
        if (!found) throw new UsageError(`没有叫“${given}”的代办处：tongzhou network`)
        return found.id
      }
      const name = words[0]
      if (!name) throw new UsageError('请写明单位名称')
      const employers = (flag('employers') ?? '')
        .split(/[,，]/)
        .filter((each) => each !== '')
        .map((each) => ({ name: each }))
      const body = {
        name,
        kind: need('kind'),
        agencyId: await agencyOf(need('agency')),
        creditCode: flag('code') ?? null,
        pointId: flag('point') ? Number(flag('point')) : null,
        employers,
      }
      const done = (await api.post('/units', body)).json<{ id: number }>()
      remember('unit', done.id)
      show(done, () => `已登记，单位编号 ${done.id}`)
    },
    apply: async ({ api, unit, word, words, need, flag, file, show }) => {
      const today = (await api.get('/me')).json<{ today: string }>().today
      word(1, '盖章申请的文件')
      const done = (
        await api.upload(`/units/${await unit(0)}/application`, await file(words[1] ?? ''), {
          workers: need('workers'),
          appliedOn: flag('on') ?? today,
        })
      ).json<{ applicationId: number }>()
      show(done, () => `申请已提交（${done.applicationId}），等代办处或办事处批准`)
    },
    admit: async ({ api, unit, show }) => {
      const done = (await api.post(`/units/${await unit(0)}/admission`)).json<{ admittedOn: string }>()
      show(done, () => `已批准入会：${done.admittedOn}`)
    },
    covers: async ({ api, unit, remember, show }) => {
      const rows = (await api.get(`/units/${await unit(0)}/covers`)).json<
        {
          certificate: string
          memberNumber: string
          name: string
          title: string
          from: string
          until: string
          shares: number
        }[]
      >()
      remember('member', rows[0]?.memberNumber)
      show(rows, () =>
        rows.length === 0
          ? '还没有生效的保障。'
          : table(
              ['证号', '会员号', '姓名', '计划', '起', '止', '份数'],
              rows.map((row) => [
                row.certificate,
                row.memberNumber,
                row.name,
                row.title,
                row.from,
                lastDay({ from: day(row.from), until: day(row.until) }),
                row.shares,
              ]),
            ),
      )
    },
  },
)

export const members: Verb = apiVerb(
  'members',
  {
    zh: '某日的会员名册，每人一行；为会员发登录码',
    en: 'the roll of a day, each person once; a sign-in code for a member',
    usage: ['members list [--on 日期]', 'members code 会员号（核对过本人证件后）'],
  },
  ['on'],
  {
    list: async ({ api, flag, show }) => {
      const members: { memberNumber: string; name: string; unit: string; joinedOn: string; coversInForce: number }[] =
        []
      let after = ''
      let on = flag('on') ?? ''
      for (;;) {
        const page = (await api.get(`/members?limit=5000&after=${after}${on ? `&on=${on}` : ''}`)).json<{
          on: string
          members: typeof members
          next: string | null
        }>()
        on = page.on
        members.push(...page.members)
        if (!page.next) break
        after = page.next
      }
      show({ on, members }, () =>
        members.length === 0
          ? `${on} 还没有会员。单位交名单、缴清互助费后，从起保日起有会员。`
          : `${on} 会员 ${members.length} 人\n${table(
              ['会员号', '姓名', '单位', '入会日', '有效保障'],
              members.map((row) => [row.memberNumber, row.name, row.unit, row.joinedOn, row.coversInForce]),
            )}`,
      )
    },
    code: async ({ api, id, show }) => {
      const done = (await api.post(`/members/${id(0, '会员号', 'member')}/sign-in-code`)).json<{
        login: string
        code: string
      }>()
      show(done, () => `用户名 ${done.login}\n登录码 ${done.code}（只显示这一次）`)
    },
  },
)
const membersAsIssued = members.run
/** `members --on DATE` is `members list --on DATE`. */
Object.assign(members, {
  run: (args: readonly string[], io: Parameters<Verb['run']>[1]) =>
    membersAsIssued(args[0] === 'code' || args[0] === 'list' ? args : ['list', ...args], io),
})
