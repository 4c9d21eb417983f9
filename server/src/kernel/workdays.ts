import { addDays, type CivilDate } from './days.ts'

/**
 * Days off and make-up working days by year. Only weekends are certain here: the yearly holidays are set by us, to be
 * checked against the State Council's notice, and a year without a row is counted by weekends alone and said to be "about".
 */
export interface HolidayYear {
  readonly off: readonly string[]
  readonly on: readonly string[]
}

const weekend = (day: CivilDate): boolean => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay())

export const isWorkday = (day: CivilDate, years: Readonly<Record<string, HolidayYear>>): boolean => {
  const year = years[day.slice(0, 4)]
  if (year?.on.includes(day)) return true
  return !weekend(day) && !year?.off.includes(day)
}

/** The first day after so many working days have passed, the day itself not counted: a half-open end for a notice. */
export const afterWorkdays = (
  from: CivilDate,
  count: number,
  years: Readonly<Record<string, HolidayYear>>,
): CivilDate => {
  let day = from
  let left = count
  while (left > 0) {
    day = addDays(day, 1)
    if (isWorkday(day, years)) left -= 1
  }
  return addDays(day, 1)
}
