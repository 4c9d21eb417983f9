import { addDays, type CivilDate, day } from './days.ts'

/** Days off beside weekends, and weekend days worked in exchange, of one year. */
export interface HolidayYear {
  readonly off: readonly string[]
  readonly on: readonly string[]
}

const span = (from: CivilDate, count: number): CivilDate[] => Array.from({ length: count }, (_, i) => addDays(from, i))

/**
 * Published years. 2026: 国务院办公厅关于2026年部分节假日安排的通知, 4 November 2025 (Xinhua). A year that is not here is
 * counted by weekends alone, and a day found so is shown as about (`yearsKnown`).
 */
export const holidayYears: Readonly<Record<string, HolidayYear>> = {
  '2026': {
    off: [
      ...span(day('2026-01-01'), 3),
      ...span(day('2026-02-15'), 9),
      ...span(day('2026-04-04'), 3),
      ...span(day('2026-05-01'), 5),
      ...span(day('2026-06-19'), 3),
      ...span(day('2026-09-25'), 3),
      ...span(day('2026-10-01'), 7),
    ],
    on: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
  },
}

/** Whether the holidays of every year between two days are published; if not, what was counted there is about. */
export const yearsKnown = (from: CivilDate, to: CivilDate): boolean => {
  for (let year = Number(from.slice(0, 4)); year <= Number(to.slice(0, 4)); year += 1)
    if (!(year in holidayYears)) return false
  return true
}

const weekend = (on: CivilDate): boolean => [0, 6].includes(new Date(`${on}T00:00:00Z`).getUTCDay())

/** Whether people work on a day: the published exchange days first, then the weekend and the published holidays. */
export const isWorkday = (on: CivilDate, years: Readonly<Record<string, HolidayYear>>): boolean => {
  const year = years[on.slice(0, 4)]
  if (year?.on.includes(on)) return true
  return !weekend(on) && !year?.off.includes(on)
}

/** The first day after so many working days have passed, the day itself not counted: a half-open end for a notice. */
export const afterWorkdays = (
  from: CivilDate,
  count: number,
  years: Readonly<Record<string, HolidayYear>>,
): CivilDate => {
  let on = from
  let left = count
  while (left > 0) {
    on = addDays(on, 1)
    if (isWorkday(on, years)) left -= 1
  }
  return addDays(on, 1)
}
