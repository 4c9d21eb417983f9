import { addDays, ageOn, type CivilDate, day, lastDay, type Span, spanOfMonths } from '#kernel/days.ts'
import { type Fen, fen } from '#kernel/money.ts'
import { type Edition, numberOn } from './edition.ts'

export interface Joiner {
  readonly sex: 'F' | 'M' | null
  readonly bornOn: CivilDate | null
}

/** Why a person may not join: wrong sex, too young, too old. Ages are completed years on the day the edition names. */
export const whoMayJoin = (
  edition: Edition,
  person: Joiner,
  on: CivilDate,
): { code: 'sex' | 'too_young' | 'too_old' | 'age_unknown'; limit?: number; age?: number }[] => {
  const { who } = edition
  const defects: { code: 'sex' | 'too_young' | 'too_old' | 'age_unknown'; limit?: number; age?: number }[] = []
  if (who.sex && person.sex && person.sex !== who.sex) defects.push({ code: 'sex' })
  const most = person.sex === 'F' ? who.age_max_f : who.age_max_m
  if (!who.age_min && !most) return defects
  if (!person.bornOn) return [...defects, { code: 'age_unknown' }]
  const age = ageOn(person.bornOn, on)
  if (who.age_min && age < numberOn(edition, who.age_min, on))
    defects.push({ code: 'too_young', limit: numberOn(edition, who.age_min, on), age })
  if (most && age > numberOn(edition, most, on))
    defects.push({ code: 'too_old', limit: numberOn(edition, most, on), age })
  return defects
}

/** The contribution of one person for the term, in fen. */
export const feeOf = (edition: Edition, shares: number, on: string): Fen => {
  const amount = numberOn(edition, edition.fee.amount, on)
  return fen(edition.fee.per === 'share' ? amount * shares : amount)
}

/** How many must take part: heads × ratio, rounded up; all of them in a small unit. A ratio that is not set asks for nobody. */
export const participationNeeded = (
  edition: Edition,
  heads: number,
  on: string,
): { needed: number; ratio: number; all: boolean; clause: string } => {
  const { group } = edition
  if (!group) return { needed: 1, ratio: 0, all: false, clause: '' }
  const all = group.all_if_under !== undefined && heads < numberOn(edition, group.all_if_under, on)
  const ratio = all ? 10_000 : group.ratio ? numberOn(edition, group.ratio, on) : 0
  return { needed: Math.max(1, Math.ceil((heads * ratio) / 10_000)), ratio, all, clause: group.clause }
}

/**
 * When cover starts and ends. `complete` is the first day on which money and papers were both in: cover starts at 00:00
 * of the day after, or on the day agreed, or on the next scheme date, and never before the money.
 */
export const termStarting = (edition: Edition, complete: CivilDate, commonDay: CivilDate | null): Span | null => {
  const months = numberOn(edition, edition.term.months, complete)
  const earliest = addDays(complete, 1)
  if (edition.term.starts === 'day_after_money_and_papers') return spanOfMonths(earliest, months)
  if (edition.term.starts === 'common_day')
    return commonDay && commonDay >= earliest ? spanOfMonths(commonDay, months) : spanOfMonths(earliest, months)
  const next = edition.term.scheme_dates
    .map(day)
    .sort()
    .find((on) => on >= earliest)
  return next ? spanOfMonths(next, months) : null
}

/** Covered before, and no longer break than the grace: the days between the old last day and the new first one. */
export const isContinuous = (edition: Edition, startsOn: CivilDate, coveredUntil: CivilDate | null): boolean => {
  if (!coveredUntil || !edition.term.grace_days) return false
  return startsOn <= addDays(coveredUntil, numberOn(edition, edition.term.grace_days, startsOn))
}

/** Whether rosters may be opened on a day: the edition is in force, nothing is missing, and its window is open. */
export const openOn = (
  edition: Edition,
  on: CivilDate,
): { open: boolean; missing: readonly string[]; window: { from: string; through: string } | null } => {
  const inForce = edition.in_force.from <= on && (!edition.in_force.through || on <= edition.in_force.through)
  const { window } = edition.term
  const monthDay = on.slice(5)
  const inWindow =
    !window ||
    (window.from <= window.through
      ? window.from <= monthDay && monthDay <= window.through
      : monthDay >= window.from || monthDay <= window.through)
  return { open: inForce && inWindow && edition.missing.length === 0, missing: edition.missing, window: window ?? null }
}

export const lastDayOf = (span: Span): CivilDate => lastDay(span)
