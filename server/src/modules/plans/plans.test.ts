import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { addDays, day } from '#kernel/days.ts'
import { explain } from './explain.ts'
import { feeOf, openOn, termStarting } from './joining.ts'
import { readExamples, readPlan, readPlans } from './read-plan.ts'
import { tryExample } from './try-plan.ts'

const root = fileURLToPath(new URL('../../../../plans/', import.meta.url))
const folders = (await readdir(root, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

describe.each(folders)('plan %s', async (folder) => {
  const files = await readPlan(`${root}/${folder}`)
  const examples = await readExamples(`${root}/${folder}/examples.yaml`)

  test('is understood, with each clause it cites', () => {
    expect(files.ok ? '' : JSON.stringify(files.refused)).toBe('')
    expect(examples.ok ? '' : JSON.stringify(examples.refused)).toBe('')
  })
  if (!files.ok || !examples.ok) return

  test.each(examples.value.map((example) => [example.name, example] as const))('%s', (_, example) => {
    const file = files.value.find((each) => !example.edition || each.edition.edition === example.edition)
    if (!file) throw new Error('no such edition')
    const tried = tryExample(file.edition, example)
    expect(tried.why).toBe('')
    for (const part of tried.parts)
      for (const line of explain(file.edition, part)) expect(line.text).not.toMatch(/undefined|NaN|null/)
  })

  test('has one figure on each day, from the first day of the edition on', () => {
    for (const { edition } of files.value) {
      for (const value of Object.values(edition.values)) {
        if (value.awaits !== null || value.unknown) continue
        let on = day(edition.in_force.from)
        const end = addDays(on, 800)
        for (; on < end; on = addDays(on, 7))
          expect(value.dated.filter((each) => each.from <= on).length).toBeGreaterThan(0)
        expect(new Set(value.dated.map((each) => each.from)).size).toBe(value.dated.length)
      }
    }
  })
})

test('what rosters and payments do not work yet is closed to enrolment, and says what; what is open can be worked', async () => {
  const plans = await readPlans(root)
  if (!plans.ok) throw new Error('plans are not understood')
  const on = day('2026-03-02')
  const open = plans.value.map((file) => file.edition).filter((edition) => openOn(edition, on).open)
  expect(open.map((edition) => edition.plan)).toEqual(
    expect.arrayContaining(['demo-hospital', 'demo-critical', 'demo-women']),
  )
  for (const edition of open) {
    expect(feeOf(edition, 1, on)).toBeGreaterThan(0)
    // An edition whose scheme dates are all past is refused by its own words when a roster comes (no_scheme_date).
    if (edition.term.scheme_dates.every((each) => each > on)) expect(termStarting(edition, on, null)).not.toBeNull()
    expect(edition.parts.some((part) => part.schedule || part.borne_by.length > 0)).toBe(false)
  }
  const pension = plans.value.find((file) => file.edition.plan === 'our-pension')
  expect(pension && openOn(pension.edition, on)).toMatchObject({
    open: false,
    notWorked: expect.arrayContaining(['分期支付']),
  })
})
