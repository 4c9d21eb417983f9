import { expect, test } from 'vitest'
import { day } from './days.ts'
import { afterWorkdays, isWorkday } from './workdays.ts'

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
