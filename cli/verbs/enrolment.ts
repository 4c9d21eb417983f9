import { day, lastDay } from '#kernel/days.ts'
import { parseYuan, yuan } from '#kernel/money.ts'
import { table, UsageError } from '../io.ts'
import { allRows, apiVerb, type Called, type Verb } from '../verb.ts'

export const editions: Verb = apiVerb(
  'editions',
  {
    zh: '计划版本，及今天能否参保、还缺什么',
    en: 'plan editions, whether they are open, what they lack',
    usage: ['editions'],
  },
  [],
  {
    '': async ({ api, show }) => {
      const rows = (await api.get('/editions')).json<
        {
          id: number
          plan: string
          edition: string
          title: string
          kind: string
          open: boolean
          missing: string[]
          notWorked: string[]
        }[]
      >()
      show(rows, () =>
        table(
          ['编号', '计划', '版本', '名称', '状态'],
          rows.map((row) => [
            row.id,
            row.plan,
            row.edition,
            row.title,
            row.open
              ? '可参保'
              : row.missing.length > 0
                ? `不开放，缺：${row.missing.join('、')}`
                : row.notWorked.length > 0
                  ? `还不能办理：${row.notWorked.join('、')}`
                  : '不在办理时间',
          ]),
        ),
      )
    },
  },
)

/** An edition by its number, or by its plan's name where that has one edition. */
const editionOf = async ({ api, word }: Called, n: number): Promise<number> => {
  const given = decodeURIComponent(word(n, '计划'))
  if (/^\d+$/.test(given)) return Number(given)
  const all = (await api.get('/editions')).json<{ id: number; plan: string; edition: string; open: boolean }[]>()
  const found = all.filter((each) => each.plan === given || `${each.plan}/${each.edition}` === given)
  const [first] = found.length > 1 ? found.filter((each) => each.open) : found
  if (!first) throw new UsageError(`没有叫“${given}”的计划：tongzhou editions`)
  return first.id
}
const covered = (from: string, until: string): [string, string] => [
  from,
  lastDay({ from: day(from), until: day(until) }),
]

interface HandIn {
  readonly handInId: number
  readonly rowsIn: number
  readonly accepted: number
  readonly toMend: number
  readonly alreadyIn: number
  readonly seenBefore: boolean
  readonly columnsNotRead: readonly string[]
  readonly sheetsNotRead: readonly string[]
  readonly sample: readonly { row: number; problems: readonly string[] }[]
}

export const roster: Verb = apiVerb(
  'roster',
  {
    zh: '参保名单：开单、交表、看结果、报人数、确认、截止',
    en: 'rosters: open, hand in a file, report, head count, confirm, close',
    usage: [
      'roster open 单位 计划 [--common-day 日期]',
      'roster template 单位 计划 -o 文件.xlsx',
      'roster hand-in 名单编号 文件.xlsx|csv [--all-or-nothing]',
      'roster report 名单编号 交表编号 -o 文件.xlsx',
      'roster rows 名单编号 [--state on_roster|covered|left_out]',
      'roster take-off 名单编号 交表编号 行号[,行号…] --reason 原因',
      'roster heads 名单编号 证明.pdf --kind staff|union_members|women --heads 人数 [--on 日期]',
      'roster confirm-heads 名单编号 填报编号',
      'roster close 名单编号',
      'roster show 名单编号',
      'roster list',
    ],
  },
  ['common-day', 'o', 'kind', 'heads', 'on', 'state', 'reason'],
  {
    open: async (called) => {
      const { api, unit, flag, remember, show } = called
      const done = (
        await api.post('/rosters', {
          unitId: await unit(0),
          editionId: await editionOf(called, 1),
          ...(flag('common-day') ? { commonDay: flag('common-day') } : {}),
        })
      ).json<{ rosterId: number }>()
      remember('roster', done.rosterId)
      show(done, () => `已开名单，编号 ${done.rosterId}`)
    },
    template: async (called) => {
      const { api, unit, need, save, show } = called
      const sheet = await api.get(`/units/${await unit(0)}/last-roster?editionId=${await editionOf(called, 1)}`)
      await save(need('o'), sheet.bytes)
      show({ file: need('o') }, () => `已保存到 ${need('o')}，改好后用 roster hand-in 交回`)
    },
    'hand-in': async ({ api, id, word, words, flags, file, remember, show }) => {
      word(1, '名单文件')
      const done = (
        await api.upload(`/rosters/${id(0, '名单编号', 'roster')}/files`, await file(words[1] ?? ''), {
          mode: flags.has('all-or-nothing') ? 'all_or_nothing' : 'good_rows',
        })
      ).json<HandIn>()
      remember('hand-in', done.handInId)
      show(done, () =>
        [
          ...(done.seenBefore ? ['这个文件以前交过，下面是那次的结果，这次没有改动名单。'] : []),
          `共 ${done.rowsIn} 行：接收 ${done.accepted} 行（其中 ${done.alreadyIn} 人以前交过），要改 ${done.toMend} 行。交表编号 ${done.handInId}`,
          ...(done.sheetsNotRead.length > 0
            ? [
                `  注意：只读了第一张工作表，这些没有读：${done.sheetsNotRead.join('、')}。有人在上面的，请另存为单独的文件再交`,
              ]
            : []),
          ...(done.columnsNotRead.length > 0
            ? [`  没有用到这些列：${done.columnsNotRead.join('、')}。其中若有份数，请把列名改成“份数”再交`]
            : []),
          ...done.sample.map((row) => `  第 ${row.row} 行：${row.problems.join('；')}`),
          ...(done.toMend > done.sample.length
            ? [`  ……完整的核对结果：roster report ${words[0]} ${done.handInId} -o 核对结果.xlsx`]
            : []),
        ].join('\n'),
      )
    },
    report: async ({ api, id, need, save, show }) => {
      const sheet = await api.get(
        `/rosters/${id(0, '名单编号', 'roster')}/files/${id(1, '交表编号', 'hand-in')}/report`,
      )
      await save(need('o'), sheet.bytes)
      show({ file: need('o') }, () => `核对结果已保存到 ${need('o')}`)
    },
    rows: async ({ api, id, flag, show }) => {
      const state = flag('state')
      const rows = (
        await api.get(`/rosters/${id(0, '名单编号', 'roster')}/rows?limit=1000${state ? `&state=${state}` : ''}`)
      ).json<{ handInId: number; row: number; name: string; paper: string; shares: number; state: string }[]>()
      const said: Record<string, string> = { on_roster: '在名单上', covered: '有保障', left_out: '没有重复起保' }
      show(rows, () =>
        rows.length === 0
          ? '没有。'
          : table(
              ['交表编号', '行号', '姓名', '证件', '份数', ''],
              rows.map((row) => [row.handInId, row.row, row.name, row.paper, row.shares, said[row.state] ?? row.state]),
            ),
      )
    },
    'take-off': async ({ api, id, word, need, show }) => {
      const done = (
        await api.post(`/rosters/${id(0, '名单编号', 'roster')}/removals`, {
          rows: decodeURIComponent(word(2, '行号'))
            .split(/[,，]/)
            .map((row) => ({ handInId: Number(id(1, '交表编号', 'hand-in')), row: Number(row) })),
          reason: need('reason'),
        })
      ).json<{ removed: number; persons: number }>()
      show(done, () => `已移除 ${done.removed} 行，名单上还有 ${done.persons} 人`)
    },
    heads: async ({ api, id, word, words, need, flag, file, remember, show }) => {
      word(1, '证明文件')
      const today = (await api.get('/me')).json<{ today: string }>().today
      const done = (
        await api.upload(`/rosters/${id(0, '名单编号', 'roster')}/head-count`, await file(words[1] ?? ''), {
          kind: need('kind'),
          heads: need('heads'),
          countedOn: flag('on') ?? today,
        })
      ).json<{ headCountId: number }>()
      remember('head-count', done.headCountId)
      show(done, () => `人数已填报，填报编号 ${done.headCountId}，等代办处确认`)
    },
    'confirm-heads': async ({ api, id, show }) => {
      const done = (
        await api.post(`/rosters/${id(0, '名单编号', 'roster')}/head-count/confirmation`, {
          headCountId: Number(id(1, '填报编号', 'head-count')),
        })
      ).json()
      show(done, () => '人数已确认')
    },
    close: async ({ api, id, show }) => {
      const done = (await api.post(`/rosters/${id(0, '名单编号', 'roster')}/closing`)).json<{
        persons: number
        dueFen: number
        noticeNumber: string
      }>()
      show(
        done,
        () =>
          `已截止：${done.persons} 人，应缴 ${yuan(done.dueFen)} 元。缴费通知单 ${done.noticeNumber}（汇款附言请写这个号码）`,
      )
    },
    show: async ({ api, id, show }) => {
      const found = (await api.get(`/rosters/${id(0, '名单编号', 'roster')}`)).json<{
        unit: string
        title: string
        persons: number
        closedOn: string | null
        certificate: string | null
        coverFrom: string | null
        coverUntil: string | null
      }>()
      show(
        found,
        () =>
          `${found.unit}  ${found.title}\n${found.persons} 人  截止 ${found.closedOn ?? '还没有'}  团体证号 ${found.certificate ?? (found.coverFrom ? '没有（没有人起保）' : '还没有生效')}${found.certificate && found.coverFrom && found.coverUntil ? `  保障自 ${covered(found.coverFrom, found.coverUntil).join(' 至 ')}（含首尾两日）` : ''}`,
      )
    },
    list: async ({ api, show }) => {
      const rows = (await api.get('/rosters')).json<
        {
          id: number
          unit: string
          title: string
          persons: number
          closedOn: string | null
          certificate: string | null
        }[]
      >()
      show(rows, () =>
        rows.length === 0
          ? '还没有名单。'
          : table(
              ['编号', '单位', '计划', '人数', '截止', '团体证号'],
              rows.map((row) => [row.id, row.unit, row.title, row.persons, row.closedOn, row.certificate]),
            ),
      )
    },
  },
  ['all-or-nothing'],
)

const yuanOf = (typed: string): number => {
  const amount = parseYuan(typed)
  if (amount === null || amount <= 0) throw new UsageError(`“${typed}”不是金额，写作 1200.50`)
  return amount
}

export const money: Verb = apiVerb(
  'money',
  {
    zh: '互助费：读对账单、看缴费通知单和到账、分配',
    en: 'contributions: read a bank statement, list notices and receipts, allocate',
    usage: [
      'money statement 对账单.csv [--account 账户]',
      'money notices',
      'money receipts [--unallocated]',
      'money allocate 到账编号 通知单编号 金额（元） [--again]（同样的金额再分配一次）',
    ],
  },
  ['account'],
  {
    statement: async ({ api, words, word, file, flag, show }) => {
      word(0, '对账单文件')
      const done = (
        await api.upload(
          '/statements',
          await file(words[0] ?? ''),
          flag('account') ? { account: flag('account') ?? '' } : {},
        )
      ).json<{
        lines: number
        newReceipts: number
        amountFen: number
        effective: {
          noticeNumber: string
          covered: number
          leftOut: number
          certificate: string | null
          coverFrom: string
        }[]
        notAllocated: { noticeNumber: string; message: string }[]
      }>()
      const waiting = done.newReceipts - done.effective.length
      show(done, () =>
        [
          `读到 ${done.lines} 笔，新到账 ${done.newReceipts} 笔，共 ${yuan(done.amountFen)} 元`,
          ...done.effective.map(
            (each) =>
              `  ${each.noticeNumber} 已缴清：${
                each.certificate
                  ? `${each.covered} 人自 ${each.coverFrom} 起保，团体证号 ${each.certificate}`
                  : '没有人起保'
              }${each.leftOut > 0 ? `；${each.leftOut} 人已有本计划保障，没有重复起保，他们的互助费退回未分配` : ''}`,
          ),
          ...done.notAllocated.map((each) => `  ${each.noticeNumber} 的钱已入账，还没有分配：${each.message}`),
          ...(waiting > 0
            ? [
                `  ${waiting} 笔已入账、还没有分配（没有写缴费通知号，或与应缴的数不同）：用 money receipts --unallocated 看，money allocate 分配`,
              ]
            : []),
        ].join('\n'),
      )
    },
    notices: async ({ api, show }) => {
      const rows = await allRows<{
        id: number
        number: string
        unit: string
        title: string
        dueFen: number
        paidFen: number
        payBy: string
      }>(api, '/payment-notices')
      show(rows, () =>
        rows.length === 0
          ? '还没有缴费通知单。'
          : table(
              ['编号', '通知单', '单位', '计划', '应缴（元）', '已缴（元）', '请在此前缴清'],
              rows.map((row) => [
                row.id,
                row.number,
                row.unit,
                row.title,
                yuan(row.dueFen),
                yuan(row.paidFen),
                row.payBy,
              ]),
            ),
      )
    },
    receipts: async ({ api, flags, show }) => {
      const rows = await allRows<{
        id: number
        receivedOn: string
        payer: string
        note: string
        amountFen: number
        unallocatedFen: number
      }>(api, `/receipts?unallocated=${flags.has('unallocated')}`)
      show(rows, () =>
        rows.length === 0
          ? '没有到账。'
          : table(
              ['编号', '日期', '付款人', '附言', '金额（元）', '未分配（元）'],
              rows.map((row) => [
                row.id,
                row.receivedOn,
                row.payer,
                row.note,
                yuan(row.amountFen),
                yuan(row.unallocatedFen),
              ]),
            ),
      )
    },
    allocate: async ({ api, flags, word, show }) => {
      const done = (
        await api.post('/allocations', {
          receiptId: Number(word(0, '到账编号')),
          noticeId: Number(word(1, '通知单编号')),
          amountFen: yuanOf(decodeURIComponent(word(2, '金额'))),
          ...(flags.has('again') ? { again: true } : {}),
        })
      ).json<{ noticePaid: boolean; covered: number; coverFrom: string | null }>()
      show(done, () => (done.noticePaid ? `已缴清：${done.covered} 人自 ${done.coverFrom} 起保` : '已分配，还没有缴清'))
    },
  },
  ['unallocated', 'again'],
)
