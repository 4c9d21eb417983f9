import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { addDays, day } from '#kernel/days.ts'
import { explain } from './explain.ts'
import { readExamples, readPlan } from './read-plan.ts'
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
