import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseYuan } from '#kernel/money.ts'
import { readExamples } from './read-plan.ts'

// docs/reference/real-examples.md tells where each published example is worked out, or why it cannot be: it must not say more
// than the plans do, nor less.
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const table = await readFile(`${root}docs/reference/real-examples.md`, 'utf8')
const rows = [...table.matchAll(/^\| (EX\d+) \| ([\w-]+) \| (.+) \|$/gm)].map(([, example, plan, where]) => ({
  example: example ?? '',
  plan: plan ?? '',
  tested: where?.includes('examples.yaml') ?? false,
}))
const worked = new Map<string, string[]>()
for (const entry of await readdir(`${root}plans`, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue
  const text = await readFile(`${root}plans/${entry.name}/examples.yaml`, 'utf8')
  for (const [, example] of text.matchAll(/\bsource: (EX\d+)/g))
    worked.set(example ?? '', [...(worked.get(example ?? '') ?? []), entry.name])
}

test('each published example said to be worked out is an example of that plan', () => {
  expect(rows.length).toBeGreaterThan(50)
  expect(rows.filter((row) => row.tested && !worked.get(row.example)?.includes(row.plan))).toEqual([])
  expect(rows.filter((row) => !row.tested && worked.has(row.example))).toEqual([])
})

test('each published example that a plan works out has its row, and no example has two', () => {
  const listed = rows.map((row) => row.example)
  expect([...worked.keys()].filter((example) => !listed.includes(example))).toEqual([])
  expect(new Set(listed).size).toBe(listed.length)
})

test('one diagnosis is paid by three plans of Hubei, which together come to what was reported', async () => {
  expect(worked.get('EX003')?.toSorted()).toEqual(['cemia-hubei-critical', 'cemia-hubei-hosp', 'cemia-hubei-women'])
  let sum = 0
  for (const plan of worked.get('EX003') ?? []) {
    const examples = await readExamples(`${root}plans/${plan}/examples.yaml`)
    if (!examples.ok) throw new Error(String(examples.refused.first))
    for (const each of examples.value) if (each.source === 'EX003') sum += parseYuan(each.benefit ?? '') ?? 0
  }
  expect(sum).toBe(5_631_210)
})
