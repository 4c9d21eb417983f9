import { expect, test } from 'vitest'
import { day } from './days.ts'
import { retirementAgeMonths, retirementDay } from './retirement.ts'

test('who reached the old age before 2025 retires as before', () => {
  expect(retirementAgeMonths(day('1964-12-31'), 'man')).toBe(720)
  expect(retirementAgeMonths(day('1974-12-01'), 'woman_worker')).toBe(600)
})

test('a man born in January to April 1965 retires one month later, in May two; from September 1976 on at 63', () => {
  expect([1, 4, 5, 8, 9].map((m) => retirementAgeMonths(day(`1965-0${m}-15`), 'man'))).toEqual([
    721, 721, 722, 722, 723,
  ])
  expect(retirementAgeMonths(day('1976-08-31'), 'man')).toBe(755)
  expect(retirementAgeMonths(day('1976-09-01'), 'man')).toBe(756)
  expect(retirementAgeMonths(day('1990-01-01'), 'man')).toBe(756)
})

test('a woman at a worker’s post moves by a month for two months of birth, up to 55; a cadre up to 58', () => {
  expect([1, 2, 3].map((m) => retirementAgeMonths(day(`1975-0${m}-15`), 'woman_worker'))).toEqual([601, 601, 602])
  expect(retirementAgeMonths(day('1984-11-01'), 'woman_worker')).toBe(660)
  expect(retirementAgeMonths(day('1970-01-15'), 'woman_cadre')).toBe(661)
  expect(retirementAgeMonths(day('1981-09-01'), 'woman_cadre')).toBe(696)
  expect(retirementDay(day('1965-01-31'), 'man')).toBe('2025-02-28')
})
