import { expect, test } from 'vitest'
import { day } from './days.ts'
import { afterWorkdays, holidayYears, isWorkday, yearsKnown } from './workdays.ts'

test('five working days from a Monday end with the next Monday, over the weekend', () => {
  expect(afterWorkdays(day('2026-03-02'), 5, {})).toBe('2026-03-10')
  expect(afterWorkdays(day('2026-03-06'), 1, {})).toBe('2026-03-10')
})

test('a day off in the week is not counted, a worked Saturday is', () => {
  const years = { '2026': { off: ['2026-03-03'], on: ['2026-03-07'] } }
  expect(isWorkday(day('2026-03-03'), years)).toBe(false)
  expect(isWorkday(day('2026-03-07'), years)).toBe(true)
  expect(afterWorkdays(day('2026-03-02'), 4, years)).toBe('2026-03-08')
})

test('a notice opened before the Spring Festival of 2026 lasts over its nine days and counts the Saturdays worked for them', () => {
  expect(isWorkday(day('2026-02-14'), holidayYears)).toBe(true)
  expect(isWorkday(day('2026-02-16'), holidayYears)).toBe(false)
  // Friday 13, then Saturday 14 (worked), 24, 25, 26 and 27 February
  expect(afterWorkdays(day('2026-02-13'), 5, holidayYears)).toBe('2026-02-28')
  expect(afterWorkdays(day('2026-02-13'), 6, holidayYears)).toBe('2026-03-01')
})

test('each day off of a published year is in that year, and what is worked in exchange is a weekend day', () => {
  for (const [year, { off, on }] of Object.entries(holidayYears)) {
    for (const each of [...off, ...on]) expect(each.slice(0, 4)).toBe(year)
    for (const each of on) expect(isWorkday(day(each), {})).toBe(false)
    expect(off.filter((each) => on.includes(each))).toEqual([])
  }
})

test('a span that reaches into a year nobody has published yet is known to be uncertain', () => {
  expect(yearsKnown(day('2026-02-01'), day('2026-12-31'))).toBe(true)
  expect(yearsKnown(day('2026-12-28'), day('2027-01-06'))).toBe(false)
  expect(yearsKnown(day('2025-12-28'), day('2026-01-06'))).toBe(false)
})
