import type { EventFacts } from '#contract/claims.ts'
import { addDays, day, daysBetween, type Span } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import type { PersonBenefit } from '#modules/membership/index.ts'
import {
  type Assessment,
  assess,
  type CoverTerms,
  type Earlier,
  type Edition,
  factName,
  keyDatesOf,
  lastClaimDay,
  numberOn,
  type PersonFacts,
} from '#modules/plans/core.ts'

/** The days of a stay in hospital; whoever is moved to another hospital leaves the one on the day the other takes her in. */
const stayOf = ({ kind, dates }: EventFacts): Span | null => {
  if (kind !== 'inpatient_stay' || !dates.admission) return null
  const [from, discharge] = [day(dates.admission), dates.discharge ? day(dates.discharge) : null]
  return { from, until: discharge && discharge > from ? discharge : addDays(from, 1) }
}

/**
 * The one date that makes an event this event: the same stay, accident or diagnosis is not claimed twice. A stay has its days
 * too, for another one that overlaps it can not be true.
 */
export const occurrenceOf = (
  event: EventFacts,
): Result<{ occurrence: string; what: string; stay: Span | null }, Refused> => {
  const main = {
    inpatient_stay: ['admission', '住院'],
    outpatient: ['settlement', '门诊结算'],
    outpatient_listed: ['settlement', '门诊结算'],
    emergency_observation: ['admission', '急诊留观'],
    home_sickbed: ['admission', '家庭病床'],
    diagnosis: [event.dates.pathology ? 'pathology' : 'diagnosis', '确诊'],
    operation: [event.dates.admission ? 'admission' : 'discharge', '手术'],
    accident: ['accident', '意外'],
    disability: ['accident', '伤残'],
    death: ['death', '身故'],
    birth: ['birth', '生育'],
    job_loss: ['job_loss', '失业'],
    age_reached: ['age_reached', '到龄'],
    property_loss: ['loss', '财产损失'],
    year_closed: ['year_end', '年度结算'],
  } as const satisfies Record<EventFacts['kind'], readonly [string, string]>
  const [name, what] = main[event.kind]
  const on = event.dates[name]
  if (!on) return refuse({ code: 'facts_missing', facts: factName(`dates.${name}`), missing: [`dates.${name}`] })
  // C34 and c34.1 name one illness as far as telling it twice goes; the finer sign is for the reviewer.
  const illness = String(event.codes.diagnosis ?? '')
    .toUpperCase()
    .replace(/\..*$/, '')
  const code = event.kind === 'diagnosis' ? `:${illness}` : ''
  return ok({ occurrence: `${event.kind}:${on}${code}`, what, stay: stayOf(event) })
}

/** Why an event is not told again: it was, or a stay that overlaps it was. */
export const alreadyTold = (
  other: { readonly number: string; readonly isSame: boolean } | null,
  what: string,
): Refused | null =>
  other &&
  (other.isSame
    ? { code: 'claim_already_filed', what, number: other.number }
    : { code: 'stay_overlaps', number: other.number })

const partsOfBill = [
  'in_scope_total',
  'in_scope_self_pay',
  'deductible',
  'coinsurance',
  'above_ceiling',
  'outside_catalogue',
  'class_b_first_pay',
  'over_limit_price',
  'pooled_fund_paid',
  'serious_illness_paid',
  'excess_bed_fee',
  'self_pay_one',
  'self_pay_one_above_ceiling',
  'own_cost',
] as const

/** What cannot be so, whatever the plan says: days that have not come or run backwards, a part of a bill above the whole. */
export const impossibleIn = ({ dates, bill, days }: EventFacts, today: string): Refused | null => {
  const ahead = Object.values(dates).find((on) => on > today)
  if (ahead) return { code: 'day_not_come', on: ahead }
  const no = (what: string): Refused => ({ code: 'facts_impossible', what })
  const { admission, discharge } = dates
  for (const later of ['discharge', 'settlement'] as const) {
    const on = dates[later]
    if (admission && on && on < admission) return no(`${factName(`dates.${later}`)} ${on} 早于入院日期 ${admission}`)
  }
  const inpatient = days.inpatient ?? 0
  if (admission) {
    const most = daysBetween(day(admission), day(discharge ?? today)) + 1
    if (inpatient > most) return no(`住院 ${inpatient} 天，而入院到出院最多 ${most} 天`)
  }
  for (const [whole, parts] of [
    ['total', partsOfBill],
    ['in_scope_total', ['in_scope_self_pay', 'self_pay_one', 'pooled_fund_paid']],
  ] as const)
    for (const part of parts)
      if ((bill[part] ?? 0) > (bill[whole] ?? Number.POSITIVE_INFINITY))
        return no(
          `${factName(`bill.${part}`)} ${yuan(bill[part] ?? 0)} 元，多于${factName(`bill.${whole}`)} ${yuan(bill[whole] ?? 0)} 元`,
        )
  return null
}

/** Benefits decided before, as the plans count them. */
export const earlierFrom = (benefits: readonly PersonBenefit[]): Earlier[] =>
  benefits.map((each) => ({
    coverId: each.coverId,
    plan: each.plan,
    part: each.part,
    eventKey: `${each.eventOfficeId}/${each.eventId}`,
    keyOn: each.keyOn,
    benefitFen: each.benefitFen,
    ...each.carried,
    barsIllness: each.barsIllness,
    endsCover: each.endsCover,
  }))

/**
 * What an event gives under one cover: every part that pays, asks for a fact, or is refused for a reason she should hear;
 * parts that simply speak of other events are left out, unless nothing else remains to tell her.
 */
export const propose = (
  edition: Edition,
  cover: CoverTerms,
  event: EventFacts,
  eventKey: string,
  benefits: readonly PersonBenefit[],
  person: PersonFacts,
): Assessment[] => {
  const touched = new Set(partsConcerned(edition, cover, event, person).map((part) => part.id))
  const all = assess(edition, { cover, event, eventKey, earlier: earlierFrom(benefits), person }).filter(
    (each) => each.missing.length === 0 || touched.has(each.part),
  )
  const telling = all.filter(
    (each) => !each.refused || !['outside_cover', 'condition_not_met'].includes(each.refused.code),
  )
  const inside = all.filter((each) => each.refused?.code !== 'outside_cover')
  return telling.length > 0 ? telling : inside.slice(0, 1)
}

/**
 * The parts of a cover that an event may touch: they speak of such an event, and a date they count by lies in the cover. A
 * date that was not told is asked for and not assumed, so the part counts where another day of the event lies in the cover
 * and nothing told already speaks against it.
 */
const partsConcerned = (
  edition: Edition,
  cover: { from: string; until: string },
  event: EventFacts,
  person: PersonFacts = {},
) => {
  const inside = (on: string | undefined): boolean =>
    on !== undefined && (edition.term.events_count_from ?? cover.from) <= on && on < cover.until
  return edition.parts.filter((part) => {
    if (!(part.events as readonly string[]).includes(event.kind)) return false
    const names = keyDatesOf(part)
    if (names.some((name) => event.dates[name] !== undefined)) return names.some((name) => inside(event.dates[name]))
    const told = Object.entries(event.dates).find(([name, on]) => name !== 'application' && inside(on))?.[1]
    if (told === undefined) return false
    const supposed = { ...event, dates: { ...event.dates, ...Object.fromEntries(names.map((name) => [name, told])) } }
    const terms = { coverId: 0, from: cover.from, until: cover.until, shares: 1, option: null, continuous: true }
    return assess(edition, { cover: terms, event: supposed, eventKey: '', earlier: [], person }).some(
      (each) => each.part === part.id && each.refused?.code !== 'condition_not_met',
    )
  })
}

/**
 * What a cover has to do with an event: nothing; something; or something that was told too late by the edition's rule,
 * counted from the date of each part it touches. A plan without such a rule has no limit.
 */
export const standingOf = (
  edition: Edition,
  cover: { from: string; until: string },
  event: EventFacts,
  filedOn: string,
): { concerned: boolean; lateSince: string | null } => {
  const limits = partsConcerned(edition, cover, event).map((part) => {
    const keyOn = keyDatesOf(part)
      .map((name) => event.dates[name])
      .find((on) => on !== undefined)
    return keyOn === undefined ? null : lastClaimDay(edition, day(keyOn), day(cover.until))
  })
  const inTime = limits.some((until) => until === null || filedOn <= until)
  return { concerned: inTime, lateSince: inTime ? null : (limits[0] ?? null) }
}

/** Benefits that were decided of the same event under the same cover, by other items of it. */
export const decidedBeside = (
  item: { readonly id: number; readonly coverId: number; readonly eventOfficeId: number; readonly eventId: number },
  benefits: readonly PersonBenefit[],
): PersonBenefit[] =>
  benefits.filter(
    (each) =>
      each.itemId !== item.id &&
      each.coverId === item.coverId &&
      each.eventOfficeId === item.eventOfficeId &&
      each.eventId === item.eventId &&
      each.benefitFen > 0,
  )

/**
 * The part that the facts support: the item's own if it pays, else the one that does, so that a reviewer may grade upward; never
 * one that another item of the event stands for or was paid by, else the event would pay it twice.
 */
export const partFor = (
  judged: readonly Assessment[],
  item: { readonly part: string; readonly lastPart: string | null; readonly beside: readonly string[] },
  decided: readonly PersonBenefit[],
): Assessment | undefined => {
  const others = [...item.beside, ...decided.map((each) => each.part)]
  const claimed = item.lastPart && !others.includes(item.lastPart) ? item.lastPart : item.part
  const own = judged.find((each) => each.part === claimed)
  if (own && (own.benefitFen > 0 || own.missing.length > 0)) return own
  return judged.find((each) => each.benefitFen > 0 && !others.includes(each.part)) ?? own
}

const factsSpeakAgainst = ['condition_not_met', 'outside_cover', 'excluded']

/** The facts of an item speak against a benefit that was paid by another item of the same event: both cannot be. */
export const contradictsDecided = (
  decided: readonly PersonBenefit[],
  judged: readonly Assessment[],
): Refused | null => {
  const speaksAgainst = (paid: PersonBenefit): boolean =>
    factsSpeakAgainst.includes(judged.find((each) => each.part === paid.part)?.refused?.code ?? '')
  return decided.some(speaksAgainst) ? { code: 'facts_contradict_decided' } : null
}

export interface Standing {
  readonly ended: 'decided' | 'withdrawn' | null
  readonly filedByKind: string
  readonly filedBy: number
  readonly levels: number
  readonly reviewedBy: readonly number[]
  readonly papers: readonly string[]
}

const endedWords = { decided: '作出决定', withdrawn: '撤回' } as const

/** What stands in the way of reviewing or deciding, in the order it is told: ended, own work, papers. Null: nothing. */
export const inTheWay = (item: Standing, officer: number, papersNeeded: readonly string[]): Refused | null => {
  if (item.ended) return { code: 'item_already_ended', how: endedWords[item.ended] }
  if (item.filedByKind === 'staff' && item.filedBy === officer) return { code: 'reviewer_filed_it' }
  if (item.reviewedBy.includes(officer)) return { code: 'reviewer_reviewed_before' }
  const missing = papersNeeded.filter((kind) => !item.papers.includes(kind))
  return missing.length > 0 ? { code: 'papers_missing', papers: missing.join('、'), missing } : null
}

/** Papers prove what is to be paid; what is refused on the facts as told needs none. */
export const papersFor = (assessment: Pick<Assessment, 'refused' | 'papers'>): readonly string[] =>
  assessment.refused ? [] : assessment.papers

/** Who acts at a level: the first reviews are the agency's or office's, the last one is the decision. */
export const mayDecideAt = (decides: 'agency' | 'office' | 'association', role: string): boolean =>
  role === 'office_decider' || (decides === 'agency' && role === 'agency_clerk')

export interface UnitSays {
  readonly ours: boolean
  readonly employment: 'employed' | 'left' | null
  readonly leftOn: string | null
  readonly reason: string | null
  readonly by: string
  readonly on: string
}

/** What her unit says against paying under its cover: she is none of its people, or had left before the cover began. */
export const contradicts = (says: UnitSays | null, coverFrom: string): Refused | null => {
  if (says && !says.ours) return { code: 'unit_contradicts', said: '申领人不是本单位的人' }
  if (says?.leftOn && says.leftOn < coverFrom)
    return { code: 'unit_contradicts', said: `申领人已于 ${says.leftOn} 离职，早于保障开始的 ${coverFrom}` }
  return null
}

/** Until when she may object to a decision, and where; fifteen days at her own office where the edition does not say. */
export const objection = (edition: Edition, decidedOn: string): { until: string; where: string } => ({
  until: addDays(day(decidedOn), edition.objection ? numberOn(edition, edition.objection.days, decidedOn) : 15),
  where: edition.objection?.where ?? '所属办事处',
})

/** Part of what was asked was paid: graded lower than was proposed, capped, or less what was paid before. */
export const letterKind = (assessment: Assessment, proposedFen: number | null): 'granted' | 'part' | 'refused' => {
  if (assessment.benefitFen === 0) return 'refused'
  if (proposedFen !== null && assessment.benefitFen < proposedFen) return 'part'
  return assessment.workings.some(
    (record) =>
      (record.step === 'at_most' || record.step === 'less_paid_before') && record.result < (record.inputs.amount ?? 0),
  )
    ? 'part'
    : 'granted'
}

/** Who acts on an amount acts on the one she saw: another review, or a benefit decided meanwhile, may have changed it. */
export const changedSince = (seenFen: number | null | undefined, benefitFen: number): Refused | null =>
  seenFen === null || seenFen === undefined || seenFen === benefitFen
    ? null
    : { code: 'amount_changed', yuan: (benefitFen / 100).toFixed(2), seenYuan: (seenFen / 100).toFixed(2) }
