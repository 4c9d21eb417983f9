import type { EventFacts } from '#contract/claims.ts'
import { addDays, day } from '#kernel/days.ts'
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

/** The one date that makes an event this event: the same stay, accident or diagnosis is not claimed twice. */
export const occurrenceOf = (event: EventFacts): Result<{ occurrence: string; what: string }, Refused> => {
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
  return ok({ occurrence: `${event.kind}:${on}${code}`, what })
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
