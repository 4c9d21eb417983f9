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
  const code = event.kind === 'diagnosis' ? `:${event.codes.diagnosis ?? ''}` : ''
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
  const all = assess(edition, { cover, event, eventKey, earlier: earlierFrom(benefits), person })
  const telling = all.filter(
    (each) => !each.refused || !['outside_cover', 'condition_not_met'].includes(each.refused.code),
  )
  const inside = all.filter((each) => each.refused?.code !== 'outside_cover')
  return telling.length > 0 ? telling : inside.slice(0, 1)
}

/** Whether a cover can have anything to do with an event: some part speaks of it and its key date may lie in the cover. */
export const mayConcern = (edition: Edition, cover: { from: string; until: string }, event: EventFacts): boolean =>
  edition.parts.some(
    (part) =>
      (part.events as readonly string[]).includes(event.kind) &&
      keyDatesOf(part).some((name) => {
        const on = event.dates[name]
        return on !== undefined && (edition.term.events_count_from ?? cover.from) <= on && on < cover.until
      }),
  )

/** Filed in time by the edition's rule, counted from the first key date known; a plan without such a rule has no limit. */
export const filedInTime = (
  edition: Edition,
  cover: { until: string },
  event: EventFacts,
  filedOn: string,
): { inTime: boolean; until: string | null } => {
  const keyOn = edition.parts
    .flatMap((part) => keyDatesOf(part).map((name) => event.dates[name]))
    .find((on) => on !== undefined)
  const until = keyOn === undefined ? null : lastClaimDay(edition, day(keyOn), day(cover.until))
  return { inTime: until === null || filedOn <= until, until }
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

/** Until when she may object to a decision, and where; fifteen days at her own office where the edition does not say. */
export const objection = (edition: Edition, decidedOn: string): { until: string; where: string } => ({
  until: addDays(day(decidedOn), edition.objection ? numberOn(edition, edition.objection.days, decidedOn) : 15),
  where: edition.objection?.where ?? '所属办事处',
})

/** Part of what was asked was paid: something was capped, or taken off for what was paid before. */
export const letterKind = (assessment: Assessment): 'granted' | 'part' | 'refused' => {
  if (assessment.benefitFen === 0) return 'refused'
  return assessment.workings.some(
    (record) =>
      (record.step === 'at_most' || record.step === 'less_paid_before') && record.result < (record.inputs.amount ?? 0),
  )
    ? 'part'
    : 'granted'
}
