import { assert } from './assert.ts'

declare const kind: unique symbol
/** 'YYYY-MM-DD' in Asia/Shanghai: sorts and compares as text, and is never a Date. */
export type CivilDate = string & { readonly [kind]: 'civil-date' }
/** Half-open: the first day inside, and the first day no longer inside. Screens name the last day, `lastDay(span)`. */
export interface Span {
  readonly from: CivilDate
  readonly until: CivilDate
}

const msPerDay = 86_400_000
const toUtc = (on: CivilDate): number =>
  Date.UTC(Number(on.slice(0, 4)), Number(on.slice(5, 7)) - 1, Number(on.slice(8)))
const fromUtc = (ms: number): CivilDate => new Date(ms).toISOString().slice(0, 10) as CivilDate

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export const isDay = (text: string): text is CivilDate => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '1800-01-01') return false
  const [year, month, on] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))]
  const most = month === 2 && isLeap(year) ? 29 : (daysOfMonths[month - 1] ?? 0)
  return on >= 1 && on <= most
}

/** A day that exists: 2025-02-29 is refused. */
export const day = (text: string): CivilDate => {
  assert(isDay(text), `not a day of the calendar: ${text}`)
  return text
}

export const addDays = (on: CivilDate, days: number): CivilDate => fromUtc(toUtc(on) + days * msPerDay)

/** The same day of a later month; the last day of the month where that day does not exist (31 January + 1 month = 28 or 29 February). */
export const addMonths = (on: CivilDate, months: number): CivilDate => {
  const month = Number(on.slice(0, 4)) * 12 + Number(on.slice(5, 7)) - 1 + months
  const lastOfMonth = new Date(Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate()
  return fromUtc(Date.UTC(Math.floor(month / 12), month % 12, Math.min(Number(on.slice(8)), lastOfMonth)))
}

/** Days from one day to the other: from the 1st to the 3rd is 2. */
export const daysBetween = (from: CivilDate, to: CivilDate): number => Math.round((toUtc(to) - toUtc(from)) / msPerDay)

/** The number of a day counted from the first, as clauses count: the first day is day 1. */
export const dayNumber = (first: CivilDate, on: CivilDate): number => daysBetween(first, on) + 1

/** Completed years on a day; who is born on 29 February completes a year on 1 March of a common year. */
export const ageOn = (bornOn: CivilDate, on: CivilDate): number =>
  Number(on.slice(0, 4)) - Number(bornOn.slice(0, 4)) - (on.slice(5) < bornOn.slice(5) ? 1 : 0)

/** A clause's 'from A to B, both inclusive' as a stored half-open span. */
export const spanThrough = (first: CivilDate, last: CivilDate): Span => ({ from: first, until: addDays(last, 1) })

/** A term of so many months from its first day: from 2026-01-01, 12 months end with 2026-12-31. */
export const spanOfMonths = (first: CivilDate, months: number): Span => ({
  from: first,
  until: addMonths(first, months),
})

export const lastDay = (span: Span): CivilDate => addDays(span.until, -1)
export const within = (span: Span, on: CivilDate): boolean => span.from <= on && on < span.until
export const overlap = (a: Span, b: Span): boolean => a.from < b.until && b.from < a.until

/** The civil day in Asia/Shanghai at an instant. Called once per request, where the clock is read. */
export const civilDayAt = (instant: Date): CivilDate => fromUtc(instant.getTime() + 8 * 3_600_000)

/** 2026年3月1日, for letters and screens. */
export const chineseDay = (on: CivilDate): string =>
  `${Number(on.slice(0, 4))}年${Number(on.slice(5, 7))}月${Number(on.slice(8))}日`
