import { addDays, type CivilDate, day, isDay } from '#kernel/days.ts'
import { parseYuan, yuan } from '#kernel/money.ts'
import { type Assessment, assess } from './assess.ts'
import type { Edition } from './edition.ts'
import type { Case } from './facts.ts'
import { figureOf } from './figures.ts'
import {
  feeFor,
  feeForRest,
  firstDayFor,
  isContinuous,
  type Joiner,
  lastClaimDay,
  participationNeeded,
  payersOf,
  principalOwed,
  returnedEarly,
  termStarting,
  whoMayJoin,
} from './joining.ts'
import { didYouMean } from './near-miss.ts'
import type { Example } from './read-plan.ts'

export interface Tried {
  readonly example: Example
  readonly expected: string
  readonly got: string
  readonly passed: boolean
  readonly why: string
  readonly parts: readonly Assessment[]
  readonly case: Case | null
}

/** An example that does not say what it means: which one, and what is wrong with it. */
export class ExampleUnclear extends Error {
  override readonly name = 'ExampleUnclear'
}

const fenOf = (text: string): number => {
  const amount = parseYuan(text)
  if (amount === null) throw new ExampleUnclear(`金额写作 36.00：${text}`)
  return amount
}
const dayOf = (text: string): CivilDate => {
  if (!isDay(text)) throw new ExampleUnclear(`日历上没有这一天：${text}`)
  return day(text)
}
const fens = (amounts: Readonly<Record<string, string>>): Record<string, number> =>
  Object.fromEntries(Object.entries(amounts).map(([field, amount]) => [field, fenOf(amount)]))

const joinerOf = (example: Example): Joiner => ({
  sex: example.person?.sex ?? null,
  bornOn: example.person?.born ? dayOf(example.person.born) : null,
  post: example.person?.post,
  option: example.option ?? null,
  enrolment: example.person?.enrolment ?? (example.continuous ? 'renewing' : 'new'),
  unitKind: example.person?.unit_kind,
  groupAverageAge: example.person?.group_average_age,
  facts: example.person?.facts ?? {},
})

/** The case that an example describes: one day stands for every date that it does not say, whichever the plan counts by. */
const caseOf = (edition: Edition, example: Example): Case => {
  const from = dayOf(example.joined)
  const until =
    termStarting(
      {
        ...edition,
        term: { ...edition.term, starts: edition.term.starts === 'open' ? 'open' : 'day_after_money_and_papers' },
      },
      addDays(from, -1),
      null,
      example.option ?? null,
    )?.until ?? from
  const on = example.on ? dayOf(example.on) : addDays(from, (example.day_of_cover ?? 1) - 1)
  const counts = edition.parts.flatMap((part) =>
    typeof part.key_date === 'string' ? [part.key_date] : part.key_date.map((each) => each.date),
  )
  const dates = Object.fromEntries([...new Set(counts)].map((name) => [name, on]))
  for (const [name, said] of Object.entries(example.dates)) dates[name as keyof typeof dates] = dayOf(said)
  const before = example.covered_before_until ? dayOf(example.covered_before_until) : null
  return {
    cover: {
      coverId: 1,
      from,
      until,
      shares: example.shares,
      option: example.option ?? null,
      continuous: example.continuous || isContinuous(edition, from, before),
      coveredBefore: example.continuous || before !== null,
      unitKind: example.person?.unit_kind ?? null,
    },
    event: {
      kind: example.event ?? '',
      dates,
      bill: fens(example.bill),
      days: example.days,
      codes: { ...example.person?.facts, ...example.codes },
    },
    eventKey: 'this',
    earlier: example.earlier.map((each, i) => ({
      coverId: each.same_cover ? 1 : 0,
      plan: each.plan ?? edition.plan,
      part: each.part,
      eventKey: `earlier-${i}`,
      keyOn: dayOf(each.on),
      benefitFen: fenOf(each.paid),
      base: each.base ? fenOf(each.base) : 0,
      days: each.days ?? {},
      paidDays: each.paid_days ?? 0,
      startedOn: each.started ?? null,
      cause: each.cause ?? null,
      beneficiary: each.beneficiary ?? null,
      barsIllness: each.illness ?? null,
      endsCover: each.ended,
      endsParts: each.ended_parts,
    })),
    person: { sex: example.person?.sex ?? null, bornOn: example.person?.born ?? null },
  }
}

/** The examples of a folder that speak of one of its editions: those that name it, and of the first also those that name none. */
export const triedOf = (editions: readonly Edition[], edition: Edition, examples: readonly Example[]): Tried[] =>
  examples
    .filter((each) => (each.edition === undefined ? edition === editions[0] : each.edition === edition.edition))
    .map((each) => tryExample(edition, each))

/** Works one example by an edition and compares it with what the example says. */
export const tryExample = (edition: Edition, example: Example): Tried => {
  try {
    return example.event ? tryEvent(edition, example) : tryJoining(edition, example)
  } catch (error) {
    if (!(error instanceof ExampleUnclear)) throw error
    return {
      example,
      expected: example.benefit ?? '',
      got: '—',
      passed: false,
      why: error.message,
      parts: [],
      case: null,
    }
  }
}

const tryJoining = (edition: Edition, example: Example): Tried => {
  const joiner = joinerOf(example)
  const on = dayOf(example.joined)
  const complaints: string[] = []
  const said: [string, string][] = []
  const compare = (what: string, expected: string | undefined, got: () => string) => {
    if (expected === undefined) return
    const is = got()
    said.push([`${what} ${expected}`, `${what} ${is}`])
    if (is !== expected) complaints.push(`${what}应为 ${expected}，得到 ${is}`)
  }
  const amount = (text: string | undefined) => (text === undefined ? undefined : yuan(fenOf(text)))
  const notKnown = '缺少内容，算不出'
  const fee = feeFor(edition, example.shares, on, joiner)
  compare('互助费', example.fee === 'unknown' ? notKnown : amount(example.fee), () =>
    fee === null ? notKnown : yuan(fee),
  )
  compare('期中参加的互助费', amount(example.late_fee), () => {
    const term = termStarting(edition, addDays(on, -1), on, joiner.option ?? null)
    return fee === null || !term
      ? notKnown
      : yuan(feeForRest(edition, fee, term, dayOf(example.late ?? example.joined)))
  })
  const sums = (all: readonly (readonly [string, number])[]) =>
    all.map(([who, sum]) => `${who} ${yuan(sum)}`).join('、')
  compare('各方承担', example.payers && sums(Object.entries(fens(example.payers))), () =>
    fee === null
      ? notKnown
      : sums(payersOf(edition, fee, on).map(({ who, level, amountFen }) => [level ?? who, amountFen] as const)),
  )
  if (example.complete !== undefined) {
    const term = termStarting(edition, dayOf(example.complete), null, joiner.option ?? null)
    compare('保障期第一天', example.starts, () =>
      term ? firstDayFor(edition, term, joiner.enrolment === 'renewing') : '没有起保日',
    )
    compare('保障期最后一天', example.through, () => (term ? addDays(term.until, -1) : '没有起保日'))
  }
  compare('不能参加', example.may_not_join?.join('、'), () =>
    whoMayJoin(edition, joiner, on)
      .map((defect) => (defect.fact ? `${defect.code}:${defect.fact}` : defect.code))
      .join('、'),
  )
  compare('至少参加', example.needed?.toString(), () =>
    String(participationNeeded(edition, example.heads ?? 0, on, joiner.unitKind).needed),
  )
  compare('应返还本金', amount(example.principal), () =>
    yuan(principalOwed(edition, example.shares, on, joiner.option ?? null)),
  )
  compare('中途退出返还', amount(example.returned), () => {
    const owed = principalOwed(edition, example.shares, on, joiner.option ?? null)
    return yuan(returnedEarly(edition, owed, example.months_served ?? 0, on))
  })
  const shares = tooManyShares(edition, example)
  if (shares) complaints.push(shares)
  if (said.length === 0) complaints.push('例子没有写要核对什么：benefit、fee、may_not_join、needed 或 principal')
  return {
    example,
    expected: said.map(([expected]) => expected).join('，'),
    got: said.map(([, got]) => got).join('，'),
    passed: complaints.length === 0,
    why: complaints.join('；'),
    parts: [],
    case: null,
  }
}

/** Wrong last days for filing, where the example says one. */
const lastDays = (edition: Edition, example: Example, parts: readonly Assessment[], { cover }: Case): string[] =>
  example.last_claim_day === undefined
    ? []
    : parts
        .map(({ keyOn }) => (keyOn ? lastClaimDay(edition, day(keyOn), day(cover.until)) : null) ?? '没有期限')
        .filter((is) => is !== example.last_claim_day)

/** What a part came to, in a word: why it refused, what it asks for, or that it pays or gives nothing. */
const cameTo = ({ refused, missing, benefitFen }: Assessment, example: Example): string => {
  if (refused) return refused.code
  if (missing.length > 0) return missing.map((fact) => `缺少 ${fact}${perhapsMeant(fact, example)}`).join('、')
  return benefitFen > 0 ? '给付' : '0.00'
}

/** A fact that is asked for may stand in the example under a name slightly wrong. */
const perhapsMeant = (fact: string, { codes, bill, days, dates }: Example): string => {
  const [group, name = ''] = fact.split('.')
  const told = { codes, bill, days, dates }[group as 'codes' | 'bill' | 'days' | 'dates'] ?? {}
  const written = Object.keys(told).find((key) => didYouMean(key, [name]) !== '')
  return written ? `（例子里写的是 ${written}${didYouMean(written, [name])}）` : ''
}

const tooManyShares = (edition: Edition, { shares, joined }: Example): string => {
  const value = edition.values[edition.fee.shares_max]
  const most = value && figureOf(value, dayOf(joined), null)?.value
  return typeof most === 'number' && shares > most ? `例子写了 ${shares} 份，最多 ${most} 份` : ''
}

const tryEvent = (edition: Edition, example: Example): Tried => {
  const facts = caseOf(edition, example)
  const parts = assess(edition, facts)
  const expected = example.benefit ?? '0.00'
  const got = parts.reduce((sum, part) => sum + part.benefitFen, 0)
  const missing = parts.flatMap((part) => part.missing)
  const cited = new Set(
    parts.flatMap((part) => [
      ...part.workings.map((record) => record.clause),
      ...(part.refused ? [part.refused.clause] : []),
    ]),
  )
  const asked = example.asks ?? []
  const instalments = parts.reduce((sum, part) => sum + part.instalments.length, 0)
  const complaints = [
    parts.length === 0 ? `没有一个部分处理 ${example.event} 这种事件` : '',
    got === fenOf(expected) ? '' : `应为 ${expected}，得到 ${yuan(got)}`,
    ...missing
      .filter((fact) => !asked.includes(fact) && !example.refused)
      .map((fact) => `缺少 ${fact}${perhapsMeant(fact, example)}`),
    ...asked.filter((fact) => !missing.includes(fact)).map((fact) => `没有询问 ${fact}`),
    example.refused && !parts.some((part) => part.refused?.code === example.refused)
      ? `没有因 ${example.refused} 拒绝，得到 ${parts.map((part) => cameTo(part, example)).join('、')}`
      : '',
    tooManyShares(edition, example),
    example.instalments !== undefined && example.instalments !== instalments
      ? `应分 ${example.instalments} 次，得到 ${instalments} 次`
      : '',
    ...Object.entries(example.due ?? {}).flatMap(([on, amount]) => {
      const its = parts.flatMap((part) => part.instalments).filter((each) => each.dueOn === on)
      const sum = its.reduce((all, each) => all + each.amountFen, 0)
      return its.length > 0 && sum === fenOf(amount) ? [] : [`${on} 应付 ${amount}，得到 ${yuan(sum)}`]
    }),
    ...lastDays(edition, example, parts, facts).map((is) => `最后申领日应为 ${example.last_claim_day}，得到 ${is}`),
    ...example.cites.filter((clause) => !cited.has(clause)).map((clause) => `没有引用 ${clause}`),
    ...Object.entries(example.parts ?? {}).map(([part, amount]) => {
      const its = parts.find((each) => each.part === part)
      if (!its) return `没有名为 ${part} 的部分处理这种事件`
      return its.benefitFen === fenOf(amount) ? '' : `${part} 应为 ${amount}，得到 ${yuan(its.benefitFen)}`
    }),
  ].filter((text) => text !== '')
  return {
    example,
    expected,
    got: yuan(got),
    passed: complaints.length === 0,
    why: complaints.join('；'),
    parts,
    case: facts,
  }
}
