import { isDay } from '#kernel/days.ts'
import type { Edition } from './edition.ts'
import { type Complain, isBands, isPaidDays, isTable, type Unit, type Value } from './figures.ts'
import type { ConditionText, OverText, PartText, StepText, WindowText } from './language.ts'
import { didYouMean } from './near-miss.ts'

/** Names of benefits that a base may take: what an earlier part pays for this event, or all earlier parts together. */
export const benefitOf = 'benefit_of_'
export const benefitsBefore = 'benefits_before'

/** Every name used must stand for something of the right kind; each thing wrong is told at its place. Pure. */
export const checkReferences = (edition: Edition, complain: Complain): void => {
  const { values, bases, lists, classes, parts } = edition
  const named = (at: string, name: string | undefined, ...wanted: Unit[]): Value | undefined => {
    if (name === undefined) return undefined
    const value = values[name]
    if (!value) complain(at, `values 里没有 ${name}${didYouMean(name, Object.keys(values))}`)
    else if (!wanted.includes(value.unit)) complain(at, `${name} 的单位是 ${value.unit}，这里要 ${wanted.join(' 或 ')}`)
    return value
  }
  /** A value of one shape on all its days: a number, bands, paid days or a table. */
  const shaped = (
    at: string,
    name: string | undefined,
    shape: 'number' | 'bands' | 'paid_days' | 'table',
    ...wanted: Unit[]
  ): void => {
    const value = named(at, name, ...wanted)
    const is = { number: (v: unknown) => typeof v === 'number', bands: isBands, paid_days: isPaidDays, table: isTable }[
      shape
    ]
    const words = { number: '一个数', bands: '分段表 bands', paid_days: '天数表 paid_days', table: '对照表 table' }[
      shape
    ]
    const all = value ? [...value.dated, ...Object.values(value.classes).flat()] : []
    if (!all.every((each) => is(each.value as never))) complain(at, `${name} 应是${words}`)
  }
  const number = (at: string, name: string | undefined, ...wanted: Unit[]) => shaped(at, name, 'number', ...wanted)
  /** A figure still to be resolved, or that no text gives, may stand in a step or a fee; nothing is decided by one. */
  const settled = (at: string, name: string | undefined): void => {
    const value = name === undefined ? undefined : values[name]
    if (value && (value.awaits !== null || value.unknown)) complain(at, `${name} 还没有数值，不能用在这里`)
  }
  const known = (at: string, name: string | undefined, ...wanted: Unit[]): void => {
    number(at, name, ...wanted)
    settled(at, name)
  }

  for (const [at, on] of [
    ['in_force.from', edition.in_force.from],
    ['in_force.through', edition.in_force.through],
    ['term.events_count_from', edition.term.events_count_from],
    ['fee.arrears.since', edition.fee.arrears?.since],
    ...edition.term.scheme_dates.map((on) => ['term.scheme_dates', on] as const),
  ] as const)
    if (on !== undefined && !isDay(on)) complain(at, '日历上没有这一天')
  const { from, through } = edition.in_force
  if (through !== undefined && through < from) complain('in_force', '到期日在生效日之前')
  for (const [at, monthDay] of [
    ['insurance_year.starts', edition.insurance_year?.starts],
    ['term.window.from', edition.term.window?.from],
    ['term.window.through', edition.term.window?.through],
    [
      'claim_by.next_year_by',
      edition.claim_by && 'next_year_by' in edition.claim_by ? edition.claim_by.next_year_by : undefined,
    ],
  ] as const)
    if (monthDay !== undefined && !isDay(`2024-${monthDay}`)) complain(at, '日历上没有这一天')

  for (const [name, value] of Object.entries(values))
    for (const each of Object.keys(value.classes))
      if (!(each in classes)) complain(`values.${name}.for`, `classes 里没有 ${each}`)
  for (const [name, base] of Object.entries(bases))
    for (const [field, weight] of Object.entries(base.sum)) {
      if (/^-?[a-z]/.test(weight)) {
        number(`bases.${name}.${field}`, weight.replace(/^-/, ''), 'percent', 'fraction')
        if (!base.rounding) complain(`bases.${name}`, '用到比例的基数要写明 rounding')
      }
      const of = field.startsWith(benefitOf) ? field.slice(benefitOf.length) : null
      if (of !== null && !parts.some((part) => part.id === of)) complain(`bases.${name}`, `没有名为 ${of} 的部分`)
    }

  const isBase = (at: string, name: string | undefined, amountToo = false): void => {
    if (name !== undefined && !(amountToo && name === 'amount') && !(name in bases))
      complain(at, `bases 里没有 ${name}${didYouMean(name, Object.keys(bases))}`)
  }
  const window = (at: string, within: WindowText): void => {
    if (typeof within === 'object') known(at, within.last_days, 'days')
    if (within === 'insurance_year' && !edition.insurance_year) complain(at, '要先写明 insurance_year 从哪一天开始')
  }
  const over = (at: string, of: OverText): void => {
    if (typeof of === 'object' && 'parts' in of)
      for (const id of of.parts)
        if (!parts.some((part) => part.id === id))
          complain(
            at,
            `没有名为 ${id} 的部分${didYouMean(
              id,
              parts.map((part) => part.id),
            )}`,
          )
  }
  const conditions = (at: string, list: readonly ConditionText[]): void => {
    for (const each of list) {
      if ('any' in each) for (const all of each.any) conditions(at, all)
      else if ('base' in each) {
        isBase(at, each.base)
        known(at, each.over, 'yuan')
        known(at, each.reaches, 'yuan')
        if ((each.over === undefined) === (each.reaches === undefined))
          complain(at, '写 over（超过）或 reaches（达到），只写一个')
      } else if ('claims_of' in each) {
        over(at, each.claims_of)
        window(at, each.within)
        known(at, each.at_least, 'count')
        known(at, each.at_most, 'count')
      } else if ('days_from' in each) {
        known(at, each.at_least, 'days')
        known(at, each.at_most, 'days')
      } else {
        if ('at_least' in each) known(at, each.at_least, 'count', 'days', 'months')
        if ('at_most' in each) known(at, each.at_most, 'count', 'days', 'months')
        const list_ = 'on_list' in each ? each.on_list : 'not_on_list' in each ? each.not_on_list : undefined
        if (list_ !== undefined && !(list_ in lists))
          complain(at, `lists 里没有 ${list_}${didYouMean(list_, Object.keys(lists))}`)
      }
    }
  }

  const { who, group, fee, term, principal } = edition
  known('who.age_min', who.age_min, 'count')
  known('who.age_max_f', who.age_max_f, 'count')
  known('who.age_max_m', who.age_max_m, 'count')
  conditions('who.conditions', who.conditions)
  if (group?.ratio_by === 'heads') shaped('group.ratio', group.ratio, 'bands', 'percent')
  else if (group?.ratio_by === 'unit_kind') shaped('group.ratio', group.ratio, 'table', 'percent')
  else known('group.ratio', group?.ratio, 'percent')
  known('group.all_if_under', group?.all_if_under, 'count')
  known('group.persons_min', group?.persons_min, 'count')
  if (fee.by) shaped('fee.amount', fee.amount, 'table', 'yuan')
  else number('fee.amount', fee.amount, 'yuan')
  if (!fee.amount && fee.items.length === 0) complain('fee', '写明 amount 或 items')
  fee.items.forEach((item, i) => {
    const at = `fee.items[${i}]`
    shaped(at, item.amount, item.band_of ? 'bands' : item.by ? 'table' : 'number', 'yuan')
    conditions(at, item.when)
  })
  known('fee.shares_max', fee.shares_max, 'count')
  number('fee.member_pays_at_least', fee.member_pays_at_least, 'yuan')
  for (const name of [group?.ratio, term.months, principal?.amount_per_share]) settled('group、term 或 principal', name)
  number('fee.part_of_term.amount', fee.part_of_term?.amount, 'yuan')
  known('fee.arrears.per_months', fee.arrears?.per_months, 'months')
  for (const each of fee.free_for) if (!(each in classes)) complain('fee.free_for', `classes 里没有 ${each}`)
  for (const payer of fee.payers) {
    number(`fee.payers.${payer.who}`, payer.amount, 'yuan')
    number(`fee.payers.${payer.who}`, payer.share, 'percent', 'fraction')
    if (payer.amount !== undefined && payer.share !== undefined)
      complain(`fee.payers.${payer.who}`, '写 amount 或 share，只写一个')
  }
  if (term.starts !== 'open' && term.months === undefined && term.days === undefined)
    complain('term', '写明 months 或 days')
  shaped('term.months', term.months, term.by ? 'table' : 'number', 'months')
  known('term.days', term.days, 'days')
  known('term.grace_days', term.grace_days, 'days')
  known('term.first_timers_wait_days', term.first_timers_wait_days, 'days')
  if (term.starts === 'scheme_date' && term.scheme_dates.length === 0) complain('term.scheme_dates', '至少写一个起保日')
  known('notice.days', edition.notice?.days, 'days')
  known('objection.days', edition.objection?.days, 'days')
  const by = edition.claim_by
  if (by && 'months_after_key_date' in by) known('claim_by', by.months_after_key_date, 'months')
  if (by && 'days_after_key_date' in by) known('claim_by', by.days_after_key_date, 'days')
  if (by && 'months_after_term' in by) known('claim_by', by.months_after_term, 'months')
  shaped('principal.amount_per_share', principal?.amount_per_share, principal?.by ? 'table' : 'number', 'yuan')
  shaped('principal.early_leaver', principal?.early_leaver?.share_by_months, 'bands', 'percent')
  conditions('excludes', edition.excludes)
  for (const [name, each] of Object.entries(classes)) conditions(`classes.${name}`, each.when)

  const earlier = new Set<string>()
  for (const part of parts) {
    const at = `parts.${part.id}`
    if (earlier.has(part.id)) complain(at, '两个部分同名')
    checkPart(part, at)
    earlier.add(part.id)
  }
  citesOnlyClauses(edition, complain)

  function checkPart(part: PartText, at: string): void {
    isBase(`${at}.base`, part.base)
    if (part.gathered_over !== 'event' && !part.base && !part.steps.some((step) => 'days' in step))
      complain(`${at}.base`, '累计计算的部分要写明基数 base，或按天数计算')
    if (typeof part.gathered_over === 'object')
      known(`${at}.gathered_over`, part.gathered_over.same_cause_within_days, 'days')
    else window(`${at}.gathered_over`, part.gathered_over)
    if (part.base) {
      for (const field of Object.keys(bases[part.base]?.sum ?? {})) {
        const of = field.startsWith(benefitOf) ? field.slice(benefitOf.length) : null
        if (of !== null && !earlier.has(of)) complain(`${at}.base`, `${of} 要排在本部分前面`)
      }
    }
    steps(part.steps, `${at}.steps`)
    for (const window of part.waiting?.windows ?? []) {
      known(`${at}.waiting`, window.through_day, 'days')
      if (window.pays !== 'nothing') steps(window.pays, `${at}.waiting`)
      for (const id of window.ends_parts ?? []) over(`${at}.waiting`, { parts: [id] })
    }
    conditions(`${at}.conditions`, part.conditions)
    if (typeof part.key_date === 'object') for (const each of part.key_date) conditions(`${at}.key_date`, each.when)
    if (part.claims_most) {
      known(`${at}.claims_most`, part.claims_most.value, 'count')
      window(`${at}.claims_most`, part.claims_most.within)
      over(`${at}.claims_most`, part.claims_most.over)
    }
    if (part.not_with && 'part' in part.not_with && !earlier.has(part.not_with.part))
      complain(`${at}.not_with`, '只能写排在前面的部分')
    if (part.ends_parts) over(`${at}.ends_parts`, { parts: part.ends_parts.parts })
    for (const option of part.options ?? [])
      if (!fee.options.includes(option)) complain(`${at}.options`, `fee.options 里没有 ${option}`)
    if (part.schedule) {
      number(`${at}.schedule`, part.schedule.every_months, 'months')
      number(`${at}.schedule`, part.schedule.times, 'count')
      if ((part.schedule.lasts === 'times') !== (part.schedule.times !== undefined))
        complain(`${at}.schedule`, '写明 times，或写 lasts: for_life')
    }
    for (const bearer of part.borne_by) number(`${at}.borne_by`, bearer.share, 'percent', 'fraction')
  }

  function steps(list: readonly StepText[], where: string): void {
    list.forEach((step, i) => {
      const here = `${where}[${i}]`
      if ('amount' in step) number(here, step.amount, 'yuan')
      else if ('bands' in step) {
        shaped(here, step.bands, 'bands', 'percent')
        isBase(here, step.of, true)
      } else if ('rate_of_band' in step) {
        shaped(here, step.rate_of_band, 'bands', 'percent')
        isBase(here, step.of, true)
      } else if ('rate' in step) {
        shaped(here, step.rate, step.by ? 'table' : 'number', 'percent', 'fraction')
        isBase(here, step.of, true)
      } else if ('less_paid' in step) {
        window(here, step.within)
        over(here, step.over)
      } else if ('less' in step) shaped(here, step.less, step.by ? 'table' : 'number', 'yuan')
      else if ('per_day' in step) {
        shaped(here, step.per_day, step.by ? 'table' : 'number', 'yuan')
        number(here, step.unpaid_days, 'days')
        number(here, step.most_days, 'days')
      } else if ('per_paid_day' in step) {
        number(here, step.per_paid_day, 'yuan')
        shaped(here, step.paid_days, 'paid_days', 'days')
      } else if ('table' in step) shaped(here, step.table, 'table', 'yuan')
      else if ('bracket' in step) {
        shaped(here, step.bracket, 'bands', 'yuan')
        isBase(here, step.of, true)
      } else if ('from' in step) isBase(here, step.from)
      else if ('at_least' in step) number(here, step.at_least, 'yuan')
      else if ('at_most' in step) {
        number(here, step.at_most, 'yuan')
        window(here, step.within)
        over(here, step.over)
      } else if ('not_above' in step) isBase(here, step.not_above)
      else if ('top_up_to' in step) {
        number(here, step.top_up_to, 'yuan')
        window(here, step.within)
        over(here, step.over)
      } else if ('chosen_from' in step) {
        number(here, step.chosen_from, 'yuan')
        number(here, step.to, 'yuan')
      }
      if (i === 0 && !startsAnAmount(step)) complain(here, '第一步要先算出金额')
    })
  }
}

/** Steps that make an amount of their own; the others change the one before. */
export const startsAnAmount = (step: StepText): boolean =>
  'amount' in step ||
  'per_day' in step ||
  'per_paid_day' in step ||
  'table' in step ||
  'from' in step ||
  'top_up_to' in step ||
  'chosen_from' in step ||
  (('bands' in step || 'rate' in step || 'rate_of_band' in step || 'bracket' in step) && step.of !== 'amount')

/** Each clause that anything cites must be in the clause text: a number without its clause is nobody's rule. */
const citesOnlyClauses = ({ clauses, ...edition }: Edition, complain: Complain): void => {
  const cited = new Set<string>()
  const cite = (node: unknown): void => {
    if (Array.isArray(node)) for (const each of node) cite(each)
    else if (node && typeof node === 'object')
      for (const [key, each] of Object.entries(node)) key === 'clause' ? cited.add(String(each)) : cite(each)
  }
  cite(edition)
  cited.delete('undefined')
  for (const clause of cited) if (!(clause in clauses)) complain('clauses.zh.md', `没有条款 ${clause}`)
}
