import { addDays, type CivilDate, chineseDay, day } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'
import type { Assessment } from './assess.ts'
import type { Edition } from './edition.ts'
import type { Reason } from './facts.ts'
import { fractionOf } from './figures.ts'
import type { Parameter } from './program.ts'
import type { Record_ } from './workings.ts'

/** One line of an explanation, with the clause it stands on. */
export interface Line {
  readonly text: string
  readonly clause: string
  /** a figure of this line was set by us and is to be checked */
  readonly ours: boolean
}

const percent = (points: number): string => `${points / 100}%`
const money = (amount: number): string => `${yuan(amount)} 元`
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const fraction = (parts: number): string => {
  const by = gcd(parts, fractionOf)
  return `${parts / by}/${fractionOf / by}`
}

const figure = (value: number, unit: Parameter['unit']): string =>
  unit === 'yuan'
    ? money(value)
    : unit === 'percent'
      ? percent(value)
      : unit === 'fraction'
        ? fraction(value)
        : `${value}${unit === 'days' ? ' 天' : unit === 'months' ? ' 个月' : ''}`

const shown = (parameter: Parameter | undefined, used?: number): string => {
  if (!parameter) return ''
  if (used !== undefined) return figure(used, parameter.unit)
  return typeof parameter.value === 'number' ? figure(parameter.value, parameter.unit) : ''
}

/** A record in an officer's words and in a member's: the same numbers, told for who reads them. */
interface Told {
  readonly officer: string
  readonly member: string
}

const told = (edition: Edition, record: Record_): Told => {
  const [first, second, third] = record.parameters
  const { inputs, result } = record
  const [input] = Object.entries(inputs)
  const nameOf = (name: string | undefined): string =>
    name === undefined || name === 'amount' ? '上一步金额' : (edition.bases[name]?.about ?? name)
  const before = input?.[1] ?? 0
  const both = (text: string): Told => ({ officer: text, member: text })
  switch (record.step) {
    case 'amount':
      return both(`${first?.about}：${money(result)}`)
    case 'bands': {
      const slices = record.slices ?? []
      const officer = slices
        .map(
          (slice) =>
            `${yuan(slice.over)}${slice.to ? `–${yuan(slice.to)}` : ' 以上'} 这一段 ${yuan(slice.part)} × ${percent(slice.rate)} = ${yuan(slice.gives)}`,
        )
        .join('；')
      const member = slices
        .map((slice) => `其中 ${yuan(slice.part)} 元按 ${percent(slice.rate)} 给付，是 ${money(slice.gives)}`)
        .join('；')
      return {
        officer: `${nameOf(input?.[0])} ${money(before)}，分段计算：${officer || '没有达到第一段'}；合计 ${money(result)}`,
        member: member
          ? `${nameOf(input?.[0])}是 ${money(before)}。${member}。加起来 ${money(result)}`
          : `${nameOf(input?.[0])}是 ${money(before)}，没有达到可以给付的数额`,
      }
    }
    case 'rate_of_band':
      return both(
        `${nameOf(input?.[0])} ${money(before)}，全额按所在段的 ${percent(inputs.rate ?? 0)}：${money(result)}`,
      )
    case 'rate':
      return {
        officer: `${nameOf(input?.[0])} ${money(before)} × ${shown(first, inputs.rate)} = ${money(result)}`,
        member: `${nameOf(input?.[0])} ${money(before)}，按 ${shown(first, inputs.rate)} 给付，是 ${money(result)}`,
      }
    case 'less':
      return both(`${money(inputs.amount ?? 0)} 扣除${first?.about} ${money(inputs.less ?? 0)}，余 ${money(result)}`)
    case 'per_day': {
      const limits = [second, third].filter(Boolean).map((each) => `${each?.about} ${shown(each)}`)
      return {
        officer: `${inputs.days} 天${limits.length > 0 ? `，${limits.join('，')}` : ''}，按 ${inputs.paid_days} 天 × ${shown(first, inputs.per_day)} = ${money(result)}`,
        member: `一共 ${inputs.days} 天${limits.length > 0 ? `（${limits.join('，')}）` : ''}，给付 ${inputs.paid_days} 天，每天 ${shown(first, inputs.per_day)}，是 ${money(result)}`,
      }
    }
    case 'per_paid_day':
      return both(
        `${inputs.days} 天，按${second?.about}给付 ${inputs.paid_days} 天 × ${shown(first)} = ${money(result)}`,
      )
    case 'table':
    case 'bracket':
      return both(`${first?.about}：对应 ${money(result)}`)
    case 'from':
      return both(`${nameOf(input?.[0])}：${money(result)}`)
    case 'per_share':
      return both(`${money(inputs.amount ?? 0)} × ${inputs.shares} 份 = ${money(result)}`)
    case 'times':
      return both(`${money(inputs.amount ?? 0)} × ${inputs.times} = ${money(result)}`)
    case 'share_in_cover':
      return both(`共 ${inputs.days} 天，其中 ${inputs.days_in_cover} 天在保障期内，按天数折算：${money(result)}`)
    case 'at_least':
      return both(
        result > (inputs.amount ?? 0)
          ? `不足${first?.about} ${shown(first)}，按 ${money(result)}`
          : `不低于${first?.about} ${shown(first)}，不用补足`,
      )
    case 'at_most':
      return both(
        result < (inputs.amount ?? 0)
          ? `${first?.about} ${shown(first)}${inputs.used ? `，此前已付 ${money(inputs.used)}，还剩 ${money(inputs.left ?? 0)}` : ''}，按 ${money(result)}`
          : `没有超过${first?.about} ${shown(first)}`,
      )
    case 'not_above': {
      const [, [base = '', limit = 0] = []] = Object.entries(inputs)
      return both(
        result < (inputs.amount ?? 0)
          ? `不超过${nameOf(base)} ${money(limit)}，按 ${money(result)}`
          : `没有超过${nameOf(base)} ${money(limit)}`,
      )
    }
    case 'less_paid':
      return both(`${money(inputs.amount ?? 0)} 减去此前已付 ${money(inputs.paid ?? 0)}，余 ${money(result)}`)
    case 'top_up_to':
      return both(`${first?.about} ${shown(first)}，此前已付 ${money(inputs.paid ?? 0)}，补足 ${money(result)}`)
    case 'chosen_from':
      return both(`在 ${shown(first)} 至 ${shown(second)} 之间议定：${money(result)}`)
    default:
      return both(
        `累计应付 ${money(inputs.amount ?? 0)}，减去此前 ${inputs.claims} 次已付 ${money(inputs.paid_before ?? 0)}，本次 ${money(result)}`,
      )
  }
}

const factNames: Readonly<Record<string, string>> = {
  'bill.total': '医疗总费用',
  'bill.in_scope_total': '医保范围内总费用',
  'bill.in_scope_self_pay': '医保范围内个人自付金额',
  'bill.deductible': '起付线',
  'bill.coinsurance': '起付线以上个人按比例负担',
  'bill.above_ceiling': '封顶线以上费用',
  'bill.outside_catalogue': '目录外费用',
  'bill.class_b_first_pay': '乙类先行自付',
  'bill.over_limit_price': '超限价费用',
  'bill.pooled_fund_paid': '统筹基金支付额',
  'bill.serious_illness_paid': '大病保险支付额',
  'bill.excess_bed_fee': '超标准床位费',
  'bill.self_pay_one': '自付一',
  'bill.own_cost': '个人负担的全部费用',
  'bill.other_payers_paid': '其他渠道已付金额',
  'bill.assessed_loss': '核定损失',
  'bill.repair_invoice': '维修发票金额',
  'bill.receipts': '票据金额',
  'bill.self_pay_one_above_ceiling': '封顶线以上的自付一',
  'bill.employer_supplement_paid': '单位补充医疗已付金额',
  'bill.medical_relief_paid': '医疗救助已付金额',
  'bill.special_relief_paid': '专项救助已付金额',
  'bill.chosen_amount': '审定金额',
  'days.inpatient': '住院天数',
  'days.intensive_care': '重症监护天数',
  'days.off_work': '误工天数',
  'codes.hospital_level': '医院等级',
  'codes.diagnosis': '诊断编码',
  'codes.severity': '病情程度（重症、原位癌等）',
  'codes.cause': '原因（疾病、意外、工伤）',
  'codes.operation': '手术',
  'codes.grade': '伤残等级',
  'codes.outcome': '意外结果（身故、伤残）',
  'codes.insurance': '医保种类',
  'codes.liable_third_party': '有没有应负责的第三方',
  'codes.option': '参保档次',
  'codes.sex': '性别',
  'codes.age': '年龄（出生日期）',
  'codes.unit_kind': '单位类型',
  'codes.hospital_place': '医院在本市还是外地',
  'codes.listed_illness': '是否属于目录所列的疾病',
  'codes.pre_existing': '是否参保前已患的疾病',
  'codes.covered': '受伤的是会员还是子女',
  'codes.hardship': '是否建档的困难职工',
  'codes.model_worker': '是否劳动模范',
  'codes.same_cause': '住院的原因（与以前的住院是否同一原因）',
  'dates.admission': '入院日期',
  'dates.discharge': '出院日期',
  'dates.diagnosis': '确诊日期',
  'dates.pathology': '病理报告日期',
  'dates.accident': '事故发生日期',
  'dates.settlement': '医保结算日期',
  'dates.death': '身故日期',
  'dates.job_loss': '失业日期',
  'dates.age_reached': '到龄日期',
}
export const factName = (fact: string): string => factNames[fact] ?? fact.replace(/^\w+\./, '')

/** Why nothing is paid, in a sentence that also says what may be done. */
export const reasonText = (reason: Reason): string => {
  const facts = reason.facts
  const on = (value: unknown) => chineseDay(day(String(value)))
  const given = facts.given === 'yes' ? '是' : facts.given === 'no' ? '否' : facts.given
  switch (reason.code) {
    case 'outside_cover':
      return `事件日期 ${on(facts.on)} 不在保障期内（保障期自 ${on(facts.from)} 起，最后一天是 ${chineseDay(addDays(day(String(facts.until)) as CivilDate, -1))}）。`
    case 'cover_ended':
      return `这份保障已因 ${on(facts.on)} 的给付而终止。`
    case 'part_ended':
      return `本项保障已因 ${on(facts.on)} 的给付而终止，其他各项不受影响。`
    case 'excluded':
      return `${factName(`codes.${facts.fact}`)}为“${given}”，属于条款写明不给付的情形。若情况不是这样，请提交材料申请复核。`
    case 'condition_not_met':
      return facts.given === ''
        ? '没有达到本项给付的条件。若材料能证明达到，请提交材料申请复核。'
        : `${factName(`codes.${facts.fact}`)}为“${given}”，不属于本项保障的范围。若材料能证明是其他情况，请提交材料申请复核。`
    case 'in_waiting_period':
      return `${on(facts.on)} 是保障生效后的第 ${facts.day} 天，前 ${facts.through} 天（含第 ${facts.through} 天）是等待期，不给付。`
    case 'illness_paid_before':
      return '同一种疾病以前已经给付过，续保后也不再给付；其他疾病不受影响。'
    case 'claims_used_up':
      return `本项最多给付 ${facts.limit} 次，已给付 ${facts.used} 次。`
    case 'paid_under_other_part':
      return `已按“${facts.part}”给付，本项不重复给付。`
    case 'paid_under_other_plan':
      return '已按另一项互助计划给付，本项不重复给付。'
    case 'amount_awaited':
      return `金额要等“${facts.what}”作出以后才能确定，请等候通知。`
    case 'figure_unknown':
      return `条款文本没有载明“${facts.what}”，算不出金额，请向发布单位核对。`
    case 'choice_out_of_range':
      return `审定金额 ${money(Number(facts.chosen))} 不在条款规定的 ${money(Number(facts.least))} 至 ${money(Number(facts.most))} 之间，请核对。`
    case 'amount_too_large':
      return '金额太大，请核对是否多写了几位。'
    case 'nothing_left':
      return `这一项的限额已用完${Number(facts.paidBeforeFen) > 0 ? `（此前已付 ${money(Number(facts.paidBeforeFen))}）` : ''}。`
    case 'nothing_payable':
      return '按条款计算，这次没有达到可以给付的标准。'
  }
}

const lines = (edition: Edition, assessment: Pick<Assessment, 'workings' | 'refused'>, voice: keyof Told): Line[] => {
  const each = assessment.workings.map((record) => ({
    text: told(edition, record)[voice],
    clause: record.clause,
    ours: record.parameters.some((parameter) => parameter.ours),
  }))
  if (assessment.refused)
    each.push({ text: reasonText(assessment.refused), clause: assessment.refused.clause, ours: false })
  return each
}

/** The officer's voice: each step, its numbers, its clause. Made from the records alone. */
export const explain = (edition: Edition, assessment: Pick<Assessment, 'workings' | 'refused'>): Line[] =>
  lines(edition, assessment, 'officer')

/** The member's voice: the same steps in plain words and yuan, as her letter tells them. Made from the records alone. */
export const explainPlainly = (edition: Edition, assessment: Pick<Assessment, 'workings' | 'refused'>): Line[] =>
  lines(edition, assessment, 'member')

/** A clause as people cite it: art-7 is 第7条. */
export const clauseName = (clause: string): string =>
  `第${clause.replace('art-', '').replace('.', '条第')}${clause.includes('.') ? '款' : '条'}`
