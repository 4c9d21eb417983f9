import { expect, test } from 'vitest'
import {
  addDays,
  addMonths,
  ageOn,
  chineseDay,
  civilDayAt,
  day,
  dayNumber,
  isDay,
  lastDay,
  spanOfMonths,
  within,
} from './days.ts'

test('a day that the calendar does not have is no day', () => {
  expect(isDay('2024-02-29')).toBe(true)
  for (const wrong of ['2025-02-29', '2025-13-01', '2025-1-1', '0001-01-01', '20250101', ''])
    expect(isDay(wrong)).toBe(false)
})

test('a year of cover ends with the last day before its anniversary', () => {
  const year = spanOfMonths(day('2026-01-01'), 12)
  expect(lastDay(year)).toBe('2026-12-31')
  expect(within(year, day('2026-12-31'))).toBe(true)
  expect(within(year, day('2027-01-01'))).toBe(false)
  expect(lastDay(spanOfMonths(day('2024-02-29'), 12))).toBe('2025-02-27')
})

test('months are counted to the same day, or the last day of a shorter month', () => {
  expect(addMonths(day('2025-01-31'), 1)).toBe('2025-02-28')
  expect(addMonths(day('2024-01-31'), 1)).toBe('2024-02-29')
  expect(addMonths(day('2025-01-15'), -1)).toBe('2024-12-15')
  expect(addDays(day('2024-02-28'), 1)).toBe('2024-02-29')
})

test('the first day of a waiting period is day 1', () => {
  expect(dayNumber(day('2026-01-01'), day('2026-01-01'))).toBe(1)
  expect(dayNumber(day('2026-01-01'), day('2026-01-30'))).toBe(30)
})

test('a year of life is completed on the birthday, and on 1 March for who was born on 29 February', () => {
  expect(ageOn(day('1966-05-10'), day('2026-05-09'))).toBe(59)
  expect(ageOn(day('1966-05-10'), day('2026-05-10'))).toBe(60)
  expect(ageOn(day('2004-02-29'), day('2026-02-28'))).toBe(21)
  expect(ageOn(day('2004-02-29'), day('2026-03-01'))).toBe(22)
})

test('today is the day in Shanghai, also at seven in the morning there', () => {
  expect(civilDayAt(new Date('2026-03-01T15:59:59Z'))).toBe('2026-03-01')
  expect(civilDayAt(new Date('2026-03-01T16:00:00Z'))).toBe('2026-03-02')
  expect(chineseDay(day('2026-03-02'))).toBe('2026年3月2日')
})
