import { readFile } from 'node:fs/promises'
import { parseYuan, yuan } from '#kernel/money.ts'
import { table, UsageError } from '../io.ts'
import { apiVerb, type Verb } from '../verb.ts'

interface ItemSummary {
  readonly id: number
  readonly eventNumber: string
  readonly title: string
  readonly part: string
  readonly unit: string
  readonly stage: string
  readonly proposedFen: number | null
  readonly benefitFen: number | null
  readonly letter: string | null
}
const stages: Readonly<Record<string, string>> = {
  opened: '待初审',
  reviewed: '待决定',
  granted: '已决定，待支付',
  refused: '不予给付',
  withdrawn: '已撤回',
  paid: '已支付',
}
interface ToConfirm {
  readonly eventId: number
  readonly eventNumber: string
  readonly name: string
  readonly memberNumber: string
  readonly filedOn: string
}
interface UnitSays {
  readonly ours: boolean
  readonly leftOn: string | null
  readonly reason: string | null
  readonly by: string
  readonly on: string
}
const unitSaid = ({ asked, answer }: { asked: boolean; answer: UnitSays | null }): string[] => {
  if (!answer) return asked ? ['  单位核实：还没有答复'] : []
  const what = answer.ours ? `是本单位的人，${answer.leftOn ? `已于 ${answer.leftOn} 离职` : '在职'}` : '不是本单位的人'
  return [`  单位核实：${what}${answer.reason ? `（${answer.reason}）` : ''}  ${answer.by} ${answer.on}`]
}
const amount = (fen: number | null): string => (fen === null ? '—' : yuan(fen))
const itemTable = (rows: readonly ItemSummary[]): string =>
  rows.length === 0
    ? '没有项目。'
    : table(
        ['项目', '申请号', '单位', '计划', '部分', '进度', '受理时拟给付', '给付', '决定书'],
        rows.map((row) => [
          row.id,
          row.eventNumber,
          row.unit,
          row.title,
          row.part,
          stages[row.stage] ?? row.stage,
          amount(row.proposedFen),
          amount(row.benefitFen),
          row.letter,
        ]),
      )

const json = async (path: string): Promise<object> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as object
  } catch {
    throw new UsageError(`读不懂 ${path}：应是 JSON 文件，写法见 docs/guides/ten-minutes.zh-CN.md`)
  }
}

interface Payee {
  readonly name: string
  readonly account: string
  readonly isMember: boolean | null
}
const payeeSaid = ({ name, account, isMember }: Payee): string =>
  `  收款：${name} ${account}${isMember === false ? '（姓名与会员登记的不同：请核对是谁、凭什么代收）' : isMember ? '（会员本人）' : ''}`

/** The amount one saw, in fen; null where none was written. */
const seen = (text: string | undefined): number | null => {
  const seenFen = text === undefined ? null : parseYuan(text)
  if (text !== undefined && seenFen === null) throw new UsageError('--amount 写成元，如 5000 或 5000.00')
  return seenFen
}

export const claim: Verb = apiVerb(
  'claim',
  {
    zh: '申领：报一次事件、交材料、单位核实、审核、决定、撤回、决定书',
    en: 'claims: file, papers, review, regrade, decide, withdraw, letter; a unit confirms identity and employment',
    usage: [
      'claim file 申领.json [--member 会员号 --mandate 委托书.pdf]（替会员代办时写会员号、附委托书）',
      'claim paper 申请编号 文件 --kind 材料名称',
      'claim ask 申请编号（一次性告知要补的材料）',
      'claim show 申请编号',
      'claim items [--stage opened|reviewed|granted|refused|withdrawn|paid]',
      'claim item 项目编号（每一步怎么算、哪一条）',
      'claim review 项目编号 [--amount 您看到的元数]',
      'claim regrade 项目编号 事实.json --reason 理由',
      'claim decide 项目编号 [--amount 您看到的元数] [--reason 单位答复相反时的理由]（算出的不同就不办理）',
      'claim to-confirm（请本单位核实的申领：会员本人报的，只有编号、脱敏姓名和会员号）',
      'claim confirm 申请编号 --employed（是本单位的人，在职）',
      'claim confirm 申请编号 --left 离职日期 --reason 理由 | --not-ours --reason 理由 [--correct 更正第几次答复]',
      'claim letter 项目编号',
      'claim withdraw 申请编号',
    ],
  },
  ['member', 'mandate', 'kind', 'stage', 'reason', 'amount', 'left', 'correct'],
  {
    file: async ({ api, words, word, known, flag, file, remember, show }) => {
      word(0, '申领文件')
      const member = known('member', 'member')
      const claimed = { ...(await json(words[0] ?? '')), ...(member ? { memberNumber: member } : {}) }
      const mandate = flag('mandate')
      if (member && !mandate)
        throw new UsageError('替会员代办要附会员签名的委托书：--mandate 文件（会员本人申领不写 --member）')
      const reply = mandate
        ? await api.upload('/claims/for-member', await file(mandate), { claim: JSON.stringify(claimed) })
        : await api.post('/claims', claimed)
      const done = reply.json<{ eventId: number; number: string; items: number[]; elsewhere: number }>()
      remember('claim', done.eventId)
      remember('item', done.items[0])
      show(
        done,
        () =>
          `已受理，申请号 ${done.number}（编号 ${done.eventId}），项目 ${done.items.join('、') || '无'}${done.elsewhere ? `；另有 ${done.elsewhere} 份保障由其他办事处办理` : ''}`,
      )
    },
    paper: async ({ api, id, word, words, need, file, show }) => {
      word(1, '材料文件')
      const done = (
        await api.upload(`/claims/${id(0, '申请编号', 'claim')}/papers`, await file(words[1] ?? ''), {
          kind: need('kind'),
        })
      ).json<{ seenBefore: boolean }>()
      show(done, () => `材料已收${done.seenBefore ? '（注意：同样的文件在别的申请里出现过）' : ''}`)
    },
    ask: async ({ api, id, show }) => {
      const done = (await api.post(`/claims/${id(0, '申请编号', 'claim')}/papers-request`)).json<{
        kinds: string[]
        until: string
      }>()
      show(done, () => `已一次性告知：请在 ${done.until} 前补 ${done.kinds.join('、')}`)
    },
    show: async ({ api, id, remember, show }) => {
      const found = (await api.get(`/claims/${id(0, '申请编号', 'claim')}`)).json<{
        number: string
        filedOn: string
        papersMissing?: string[]
        asked?: { kinds: string[]; until: string } | null
        items?: ItemSummary[]
        stages?: string[]
        payee?: Payee
        elsewhere: unknown[]
      }>()
      remember('item', found.items?.[0]?.id)
      show(found, () =>
        [
          `${found.number}  ${found.filedOn}`,
          ...(found.payee ? [payeeSaid(found.payee)] : []),
          ...(found.papersMissing && found.papersMissing.length > 0
            ? [
                `还缺材料：${found.papersMissing.join('、')}${found.asked ? `（请在 ${found.asked.until} 前补齐）` : ''}`,
              ]
            : []),
          found.items
            ? itemTable(found.items)
            : `进度：${(found.stages ?? []).map((stage) => stages[stage] ?? stage).join('、')}`,
          ...(found.elsewhere.length > 0 ? [`其他办事处办理的项目 ${found.elsewhere.length} 个`] : []),
        ].join('\n'),
      )
    },
    items: async ({ api, flag, remember, show }) => {
      const rows = (await api.get(`/claim-items${flag('stage') ? `?stage=${flag('stage')}` : ''}`)).json<
        ItemSummary[]
      >()
      remember('item', rows[0]?.id)
      show(rows, () => itemTable(rows))
    },
    item: async ({ api, id, show }) => {
      const found = (await api.get(`/claim-items/${id(0, '项目编号', 'item')}`)).json<{
        eventNumber: string
        proposedFen: number | null
        proposedFirstFen: number | null
        lines: { text: string; clauseName: string; ours: boolean }[]
        proposal: { missing: string[] }
        besides: { text: string; clause: string }[]
        payee: Payee
        employment: { asked: boolean; answer: UnitSays | null }
      }>()
      show(found, () =>
        [
          `${found.eventNumber}  拟给付 ${amount(found.proposedFen)} 元${found.proposedFirstFen === found.proposedFen ? '' : `（受理时是 ${amount(found.proposedFirstFen)} 元）`}`,
          ...found.lines.map(
            (line, i) => `  ${i + 1}. ${line.text}（${line.clauseName}${line.ours ? '，数值由我们设定，待核对' : ''}）`,
          ),
          payeeSaid(found.payee),
          ...unitSaid(found.employment),
          ...found.besides.map((each) => `  · ${each.text}`),
          ...(found.proposal.missing.length > 0 ? [`  还缺：${found.proposal.missing.join('、')}`] : []),
        ].join('\n'),
      )
    },
    review: async ({ api, id, flag, show }) => {
      const path = `/claim-items/${id(0, '项目编号', 'item')}/review`
      const done = (await api.post(path, { verdict: 'pass', seenFen: seen(flag('amount')) })).json<{
        level: number
        proposedFen: number
      }>()
      show(done, () => `第 ${done.level} 级审核通过，拟给付 ${amount(done.proposedFen)} 元`)
    },
    regrade: async ({ api, id, word, words, need, show }) => {
      word(1, '事实文件')
      const done = (
        await api.post(`/claim-items/${id(0, '项目编号', 'item')}/review`, {
          verdict: 'regrade',
          facts: await json(words[1] ?? ''),
          reason: need('reason'),
        })
      ).json<{ level: number; proposedFen: number }>()
      show(done, () => `第 ${done.level} 级重新认定，拟给付 ${amount(done.proposedFen)} 元`)
    },
    decide: async ({ api, id, flag, show }) => {
      const path = `/claim-items/${id(0, '项目编号', 'item')}/decision`
      const reason = flag('reason')
      const done = (await api.post(path, { seenFen: seen(flag('amount')), ...(reason ? { reason } : {}) })).json<{
        outcome: string
        benefitFen: number
        letter: string
      }>()
      show(
        done,
        () =>
          `${done.outcome === 'granted' ? `决定给付 ${yuan(done.benefitFen)} 元` : '决定不予给付'}，决定书 ${done.letter}`,
      )
    },
    letter: async ({ api, id, show }) => {
      const letter = (await api.get(`/claim-items/${id(0, '项目编号', 'item')}/letter`)).json<{
        title: string
        number: string
        to: string
        opening: string
        closing: string
        from: string
        on: string
        lines: { text: string; clauseName: string; clauseText: string }[]
      }>()
      show(letter, () =>
        [
          `${letter.title}  ${letter.number}`,
          '',
          `${letter.to}：`,
          `  ${letter.opening}`,
          ...letter.lines.map(
            (line, i) => `  ${i + 1}. ${line.text}（${line.clauseName} ${line.clauseText.split('\n')[0] ?? ''}）`,
          ),
          `  ${letter.closing}`,
          '',
          `${letter.from}  ${letter.on}`,
        ].join('\n'),
      )
    },
    withdraw: async ({ api, id, show }) => {
      const done = (await api.post(`/claims/${id(0, '申请编号', 'claim')}/withdrawal`)).json<{ items: number }>()
      show(done, () => `已撤回 ${done.items} 个项目`)
    },
    'to-confirm': async ({ api, remember, show }) => {
      const rows = (await api.get('/employment-to-confirm')).json<ToConfirm[]>()
      remember('claim', rows[0]?.eventId)
      show(rows, () =>
        rows.length === 0
          ? '没有要核实的申领。'
          : table(
              ['申请编号', '申请号', '姓名', '会员号', '受理日期'],
              rows.map((row) => [row.eventId, row.eventNumber, row.name, row.memberNumber, row.filedOn]),
            ),
      )
    },
    confirm: async ({ api, id, flags, flag, show }) => {
      const [leftOn, correct, reason] = [flag('left'), flag('correct'), flag('reason')]
      const said = ['employed', 'left', 'not-ours'].filter((each) => flags.has(each))
      if (said.length !== 1) throw new UsageError('请写明其中一项：--employed、--left 离职日期、--not-ours')
      const done = (
        await api.post(`/claims/${id(0, '申请编号', 'claim')}/employment`, {
          ours: !flags.has('not-ours'),
          ...(flags.has('employed') ? { employment: 'employed' } : {}),
          ...(leftOn ? { employment: 'left', leftOn } : {}),
          ...(reason ? { reason } : {}),
          ...(correct ? { corrects: Number(correct) } : {}),
        })
      ).json<{ answer: number }>()
      show(done, () => `已答复（第 ${done.answer} 次）。审核和决定的人看得到。`)
    },
  },
  ['employed', 'not-ours'],
)
