import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { compile } from './edition.ts'
import { explain, explainPlainly } from './explain.ts'
import { examplesFrom } from './read-plan.ts'
import { tryExample } from './try-plan.ts'

// Every construct of the guide is run as it stands there: its YAML over the base, its examples to the fen.

const guide = await readFile(
  fileURLToPath(new URL('../../../../docs/guides/plan-language.zh-CN.md', import.meta.url)),
  'utf8',
)
const clauses = Array.from({ length: 9 }, (_, i) => `## art-${i + 1} 条款 ${i + 1}\n`).join('\n')
type Yaml = Record<string, unknown>
const read = (text: string): Yaml => parse(text, { schema: 'failsafe' }) as Yaml
const base = read(/```yaml base\n([\s\S]*?)```/.exec(guide)?.[1] ?? '')
const sections = [...guide.matchAll(/\n## (.+)\n[^#]*?```yaml\n([\s\S]*?)```/g)].map(([, title = '', text = '']) => ({
  title,
  text,
}))

describe.each(sections)('$title', ({ text }) => {
  const { examples, ...given } = read(text)
  const merged = stringify({
    ...base,
    ...given,
    values: { ...(base.values as Yaml), ...((given.values ?? {}) as Yaml) },
  })
  const edition = compile(merged, clauses)
  const cases = examplesFrom(stringify(examples))

  test('is understood, and comes out as it says', () => {
    expect(edition.ok ? '' : JSON.stringify(edition.refused)).toBe('')
    expect(cases.ok ? '' : JSON.stringify(cases.refused)).toBe('')
    if (!edition.ok || !cases.ok) return
    for (const example of cases.value) {
      const tried = tryExample(edition.value, example)
      expect(`${example.name}: ${tried.why}`).toBe(`${example.name}: `)
      for (const part of tried.parts)
        for (const line of [...explain(edition.value, part), ...explainPlainly(edition.value, part)])
          expect(line.text).not.toMatch(/undefined|NaN|null/)
    }
  })
})

test('each construct has a section: no step, condition or window is left out of the guide', () => {
  expect(sections.length).toBeGreaterThan(25)
  for (const word of [
    ...['amount', 'bands', 'rate_of_band', 'rate', 'less', 'per_day', 'per_paid_day', 'table', 'bracket', 'from'],
    ...[
      'per_share',
      'times',
      'share_in_cover',
      'at_least',
      'at_most',
      'not_above',
      'less_paid',
      'top_up_to',
      'chosen_from',
    ],
    ...[
      'gathered_over',
      'claims_most',
      'not_with',
      'waiting',
      'schedule',
      'borne_by',
      'excludes',
      'options',
      'principal',
    ],
  ])
    expect(sections.some(({ text }) => new RegExp(`\\b${word}:`).test(text))).toBe(true)
})
