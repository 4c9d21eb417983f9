import { assert } from '#kernel/assert.ts'
import { addDays, addMonths, ageOn, type CivilDate, day, type Span, spanOfMonths } from '#kernel/days.ts'
import { type Fen, fen, splitFen } from '#kernel/money.ts'
import { type Post, retirementDay } from '#kernel/retirement.ts'
import { type Edition, figureOn, numberOn } from './edition.ts'
import { type Band, figureOf, isTable, rowOf } from './figures.ts'
import type { ConditionText, PartText } from './language.ts'

type Fact = string | number | readonly string[]
/** Whoever would join, as far as her plan asks. */
export interface Joiner {
  readonly sex: 'F' | 'M' | null
  readonly bornOn: CivilDate | null
  readonly post?: Post | undefined
  readonly option?: string | null | undefined
  readonly enrolment?: 'new' | 'renewing' | undefined
  readonly unitKind?: string | undefined
  readonly groupAverageAge?: number | undefined
  /** other facts by name: risk_class, card, insurance, employment, hardship … */
  readonly facts?: Readonly<Record<string, Fact>>
}

export interface JoinDefect {
  readonly code: 'sex' | 'too_young' | 'too_old' | 'age_unknown' | 'retired' | 'not_met' | 'not_known'
  readonly limit?: number
  readonly age?: number
  readonly fact?: string
  readonly clause?: string
}

const factOf = (joiner: Joiner, name: string, on: CivilDate): Fact | undefined => {
  const told = joiner.facts?.[name]
  if (told !== undefined) return told
  if (name === 'sex') return joiner.sex ?? undefined
  if (name === 'age') return joiner.bornOn ? ageOn(joiner.bornOn, on) : undefined
  if (name === 'option') return joiner.option ?? undefined
  if (name === 'enrolment') return joiner.enrolment
  if (name === 'unit_kind') return joiner.unitKind
  if (name === 'group_average_age') return joiner.groupAverageAge
  return undefined
}

/** Whether conditions on a joiner hold: null where a fact is not known and must be asked for. */
const holds = (
  edition: Edition,
  joiner: Joiner,
  list: readonly ConditionText[],
  on: CivilDate,
): { met: boolean | null; fact: string; clause: string | undefined } => {
  let unknown: string | null = null
  for (const each of list) {
    if ('any' in each) {
      const ways = each.any.map((all) => holds(edition, joiner, all, on).met)
      if (ways.includes(true)) continue
      if (ways.includes(null)) unknown ??= 'any'
      else return { met: false, fact: 'any', clause: each.clause }
      continue
    }
    if (!('fact' in each)) continue
    const given = factOf(joiner, each.fact, on)
    if (given === undefined) {
      if (each.if_unknown === 'ask') unknown ??= each.fact
      if (each.if_unknown === 'not_met') return { met: false, fact: each.fact, clause: each.clause }
      continue
    }
    const several = typeof given === 'object' ? given : [String(given)]
    const met =
      'at_least' in each
        ? Number(given) >= numberOn(edition, each.at_least, on)
        : 'at_most' in each
          ? Number(given) <= numberOn(edition, each.at_most, on)
          : 'is' in each
            ? several.some((one) => each.is.includes(one))
            : 'is_not' in each
              ? !several.some((one) => each.is_not.includes(one))
              : 'on_list' in each
                ? several.some((one) => Object.hasOwn(edition.lists[each.on_list]?.codes ?? {}, one))
                : !several.some((one) => Object.hasOwn(edition.lists[each.not_on_list]?.codes ?? {}, one))
    if (!met) return { met: false, fact: each.fact, clause: each.clause }
  }
  return { met: unknown === null ? true : null, fact: unknown ?? '', clause: undefined }
}

/** The class of persons a joiner is in: the first whose conditions are known to hold. */
export const classOf = (edition: Edition, joiner: Joiner, on: CivilDate): string | null => {
  for (const [name, { when }] of Object.entries(edition.classes))
    if (holds(edition, joiner, when, on).met === true) return name
  return null
}

/** Why a person may not join: wrong sex, too young, too old, retired, a condition not met. Ages are completed years on the day. */
export const whoMayJoin = (edition: Edition, person: Joiner, on: CivilDate): JoinDefect[] => {
  const { who } = edition
  const defects: JoinDefect[] = []
  if (who.sex && person.sex && person.sex !== who.sex) defects.push({ code: 'sex' })
  const most = person.sex === 'F' ? who.age_max_f : who.age_max_m
  if ((who.age_min || most || who.before_retirement) && !person.bornOn) defects.push({ code: 'age_unknown' })
  else if (person.bornOn) {
    const age = ageOn(person.bornOn, on)
    if (who.age_min && age < numberOn(edition, who.age_min, on))
      defects.push({ code: 'too_young', limit: numberOn(edition, who.age_min, on), age })
    if (most && age > numberOn(edition, most, on))
      defects.push({ code: 'too_old', limit: numberOn(edition, most, on), age })
    if (who.before_retirement && (person.sex === 'M' || person.post)) {
      const post = person.post ?? 'man'
      if (on >= retirementDay(person.bornOn, post)) defects.push({ code: 'retired', age })
    }
  }
  for (const condition of who.conditions) {
    const { met, fact, clause } = holds(edition, person, [condition], on)
    if (met === false) defects.push({ code: 'not_met', fact, clause: clause ?? who.clause })
    if (met === null) defects.push({ code: 'not_known', fact, clause: who.clause })
  }
  return defects
}

/** A figure for a joiner: a number, a row of a table by a fact, or a band of an age; undefined where the fact is not known. */
const figureFor = (
  edition: Edition,
  name: string,
  how: { by?: string | undefined; band?: number | undefined },
  joiner: Joiner,
  on: CivilDate,
): number | undefined => {
  const value = edition.values[name]
  assert(value, `the edition has no figure ${name}`)
  const figure = figureOf(value, on, classOf(edition, joiner, on))
  if (!figure) return undefined
  if (typeof figure.value === 'number') return figure.value
  if (isTable(figure.value)) {
    const key = factOf(joiner, how.by ?? '', on)
    return key === undefined || typeof key === 'object' ? undefined : rowOf(figure.value, key)
  }
  const at = how.band
  if (at === undefined) return undefined
  return (figure.value as readonly Band[]).find((band) => band.over < at && at <= band.to)?.rate
}

/**
 * The contribution of one person for a term, in fen; null where it, or a fact that it depends on, is not known. A share's fee may
 * depend on its number: the fact `share_number` is then that of each share in turn.
 */
export const feeFor = (edition: Edition, shares: number, on: string, joiner: Joiner): Fen | null => {
  const { fee } = edition
  const today = on as CivilDate
  const inClass = classOf(edition, joiner, today)
  if (inClass !== null && fee.free_for.includes(inClass)) return fen(0)
  const items = fee.amount ? [{ amount: fee.amount, by: fee.by, when: [] }, ...fee.items] : fee.items
  const times = fee.per === 'share' ? shares : 1
  let sum = 0
  for (const item of items) {
    const applies = holds(edition, joiner, item.when, today).met
    if (applies === null) return null
    if (!applies) continue
    const band =
      'band_of' in item && item.band_of
        ? item.band_of === 'age'
          ? joiner.bornOn
            ? ageOn(joiner.bornOn, today)
            : undefined
          : joiner.groupAverageAge
        : undefined
    for (let share = 1; share <= times; share += 1) {
      const amount = figureFor(
        edition,
        item.amount,
        { by: item.by, band },
        { ...joiner, facts: { ...joiner.facts, share_number: share } },
        today,
      )
      if (amount === undefined) return null
      sum += amount
      if (item.by !== 'share_number' && share === 1 && times > 1) {
        sum += amount * (times - 1)
        break
      }
    }
  }
  return fen(sum)
}

const nobody: Joiner = { sex: null, bornOn: null }

/** The contribution of one person for the term, in fen, where it is the same for everybody. */
export const feeOf = (edition: Edition, shares: number, on: string, joiner: Joiner = nobody): Fen => {
  const amount = feeFor(edition, shares, on, joiner)
  assert(amount !== null, 'the fee depends on facts of the joiner')
  return amount
}

/** A late joiner's fee for what is left of a running term: whole months of it, or the figure for the second half. */
export const feeForRest = (edition: Edition, whole: Fen, span: Span, joins: CivilDate): Fen => {
  const part = edition.fee.part_of_term
  if (!part || joins <= span.from) return whole
  if (part.by === 'half') {
    let months = 0
    while (addMonths(span.from, months) < span.until) months += 1
    return joins >= addMonths(span.from, Math.ceil(months / 2)) && part.amount
      ? fen(numberOn(edition, part.amount, joins))
      : whole
  }
  let [left, months] = [0, 0]
  for (let month = 0; addMonths(span.from, month) < span.until; month += 1) {
    months += 1
    if (addMonths(span.from, month + 1) > joins) left += 1
  }
  return fen(Math.ceil((whole * left) / months))
}

/**
 * Who pays what of a contribution, in fen that make the whole: fixed amounts first, shares of what is left, and the rest by the
 * payer with neither, or by the member where nobody is named for it.
 */
export const payersOf = (
  edition: Edition,
  due: Fen,
  on: string,
): { readonly who: string; readonly level: string | undefined; readonly amountFen: Fen }[] => {
  const { payers } = edition.fee
  if (payers.length === 0) return [{ who: 'unit_union', level: undefined, amountFen: due }]
  let left: number = due
  const fixed = payers.map((payer) => {
    if (!payer.amount) return 0
    const amount = Math.min(left, numberOn(edition, payer.amount, on))
    left -= amount
    return amount
  })
  // percent and fractions on one measure: ninety thousandths
  const weights = payers.map(({ share }) =>
    share ? numberOn(edition, share, on) * (edition.values[share]?.unit === 'fraction' ? 25 : 9) : 0,
  )
  const named = weights.reduce((sum, each) => sum + each, 0)
  const shared = splitFen(fen(left), [...weights, Math.max(0, 90_000 - named)])
  let rest: number = shared[payers.length] ?? 0
  const list = payers.map(({ who, level, amount, share }, i) => {
    const takesRest = amount === undefined && share === undefined ? rest : 0
    rest -= takesRest
    return { who, level, amountFen: fen((fixed[i] ?? 0) + (shared[i] ?? 0) + takesRest) }
  })
  return rest > 0 ? [...list, { who: 'member', level: undefined, amountFen: fen(rest) }] : list
}

/** How many must take part: heads × ratio, rounded up; all of them in a small unit. A ratio that is not set asks for nobody. */
export const participationNeeded = (
  edition: Edition,
  heads: number,
  on: string,
  unitKind?: string,
): { needed: number; ratio: number; all: boolean; clause: string } => {
  const { group } = edition
  if (!group) return { needed: 1, ratio: 0, all: false, clause: '' }
  const all = group.all_if_under !== undefined && heads < numberOn(edition, group.all_if_under, on)
  const ratio = all ? 10_000 : ratioOf(edition, heads, on, unitKind)
  const least = group.persons_min ? numberOn(edition, group.persons_min, on) : 1
  return { needed: Math.max(least, Math.ceil((heads * ratio) / 10_000)), ratio, all, clause: group.clause }
}

const ratioOf = (edition: Edition, heads: number, on: string, unitKind: string | undefined): number => {
  const { group } = edition
  if (!group?.ratio) return 0
  const { value } = figureOn(edition, group.ratio, on)
  if (typeof value === 'number') return value
  // A kind of unit that the clause does not name, or nobody stated, must meet the strictest.
  if (isTable(value)) return rowOf(value, unitKind ?? '') ?? Math.max(...Object.values(value))
  return (value as readonly Band[]).find((band) => band.over < heads && heads <= band.to)?.rate ?? 0
}

/** The months of a term; of an option where the edition has several. */
const termOf = (edition: Edition, first: CivilDate, option: string | null): Span => {
  const { months, days } = edition.term
  if (days) return { from: first, until: addDays(first, numberOn(edition, days, first)) }
  assert(months, 'an edition names its term in months or days')
  const { value } = figureOn(edition, months, first)
  const count =
    typeof value === 'number'
      ? value
      : isTable(value)
        ? (rowOf(value, option ?? '') ?? Math.min(...Object.values(value)))
        : 12
  return spanOfMonths(first, count)
}

/**
 * When cover starts and ends. `complete` is the first day on which money and papers were both in: cover starts at 00:00
 * of the day after, or on the day agreed, or on the next scheme date, and never before the money.
 */
export const termStarting = (
  edition: Edition,
  complete: CivilDate,
  commonDay: CivilDate | null,
  option: string | null = null,
): Span | null => {
  const earliest = addDays(complete, 1)
  if (edition.term.starts === 'open') return { from: earliest, until: day('9999-12-31') }
  if (edition.term.starts === 'day_after_money_and_papers' || edition.term.starts === 'register_day')
    return termOf(edition, earliest, option)
  if (edition.term.starts === 'common_day')
    return termOf(edition, commonDay && commonDay >= earliest ? commonDay : earliest, option)
  const next = edition.term.scheme_dates
    .map(day)
    .sort()
    .find((on) => on >= earliest)
  return next ? termOf(edition, next, option) : null
}

/** Who was never covered before may begin later and end with everybody: the waiting is a later first day. */
export const firstDayFor = (edition: Edition, span: Span, coveredBefore: boolean): CivilDate => {
  const wait = edition.term.first_timers_wait_days
  return wait && !coveredBefore ? addDays(span.from, numberOn(edition, wait, span.from)) : span.from
}

/** Covered before, and no longer break than the grace: the days between the old last day and the new first one. */
export const isContinuous = (edition: Edition, startsOn: CivilDate, coveredUntil: CivilDate | null): boolean => {
  if (!coveredUntil || !edition.term.grace_days) return false
  return startsOn <= addDays(coveredUntil, numberOn(edition, edition.term.grace_days, startsOn))
}

/** Principal owed to one person, and what is given back to who leaves early; whole where the edition has no such table. */
export const principalOwed = (edition: Edition, shares: number, on: string, option: string | null): Fen => {
  const { principal } = edition
  if (!principal) return fen(0)
  const { value } = figureOn(edition, principal.amount_per_share, on)
  const each = typeof value === 'number' ? value : isTable(value) ? (rowOf(value, option ?? '') ?? 0) : 0
  return fen(each * shares)
}

export const returnedEarly = (edition: Edition, owed: Fen, monthsServed: number, on: string): Fen => {
  const early = edition.principal?.early_leaver
  if (!early) return owed
  const { value } = figureOn(edition, early.share_by_months, on)
  const rate = (value as readonly Band[]).find((band) => band.over < monthsServed && monthsServed <= band.to)?.rate ?? 0
  return fen(Math.floor((owed * rate + (early.rounding === 'half-up' ? 5_000 : 0)) / 10_000))
}

/** The dates a part may count by, in the order it looks at them. */
export const keyDatesOf = (part: PartText): readonly string[] =>
  typeof part.key_date === 'string' ? [part.key_date] : part.key_date.map((each) => each.date)

/** The last day on which a claim may be filed, by the edition's rule; null where it has none. `coverUntil` is half-open. */
export const lastClaimDay = (edition: Edition, keyOn: CivilDate, coverUntil: CivilDate): CivilDate | null => {
  const by = edition.claim_by
  if (!by) return null
  if ('months_after_key_date' in by) return addMonths(keyOn, numberOn(edition, by.months_after_key_date, keyOn))
  if ('days_after_key_date' in by) return addDays(keyOn, numberOn(edition, by.days_after_key_date, keyOn))
  if ('next_year_by' in by) return day(`${Number(keyOn.slice(0, 4)) + 1}-${by.next_year_by}`)
  return addMonths(addDays(coverUntil, -1), numberOn(edition, by.months_after_term, keyOn))
}

/**
 * What an edition says, and rosters, contributions or payments do not yet work: it can be read, checked and tried, and is
 * closed to enrolment rather than worked wrongly. Each line goes away with the use case that it names.
 */
export const notWorkedYet = ({ parts, fee, term, principal, who }: Edition): readonly string[] => [
  ...(parts.some((part) => part.schedule) ? ['分期支付'] : []),
  ...(parts.some((part) => part.borne_by.length > 0) ? ['由几方分担的给付'] : []),
  ...(fee.by || fee.items.length > 0 || fee.free_for.length > 0 || fee.options.length > 0 || fee.per === 'month'
    ? ['因人或按档次不同的互助费']
    : []),
  ...(fee.part_of_term || fee.arrears ? ['中途参加的互助费'] : []),
  ...(term.by || term.first_timers_wait_days || term.starts === 'open' || term.starts === 'register_day'
    ? ['因人不同或没有期限的保障期']
    : []),
  ...(principal?.by || principal?.due === 'on_application' ? ['按档次或申请时返还的本金'] : []),
  ...(who.covers !== 'member' ? ['会员以外的被保障人'] : []),
  ...(who.excludes_plans.length > 0 || who.requires_plans.length > 0 ? ['与其他计划的互斥或同时参加'] : []),
]

/** Whether rosters may be opened on a day: in force, nothing missing, its window open, and everything it says is worked. */
export const openOn = (
  edition: Edition,
  on: CivilDate,
): {
  open: boolean
  missing: readonly string[]
  notWorked: readonly string[]
  window: { from: string; through: string } | null
} => {
  const notWorked = notWorkedYet(edition)
  const inForce = edition.in_force.from <= on && (!edition.in_force.through || on <= edition.in_force.through)
  const { window } = edition.term
  const monthDay = on.slice(5)
  const inWindow =
    !window ||
    (window.from <= window.through
      ? window.from <= monthDay && monthDay <= window.through
      : monthDay >= window.from || monthDay <= window.through)
  const open = inForce && inWindow && edition.missing.length === 0 && notWorked.length === 0
  return { open, missing: edition.missing, notWorked, window: window ?? null }
}
