import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plan } from './verbs/plan.ts'

const plans = fileURLToPath(new URL('../plans/', import.meta.url))
let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plan-check-'))
})
afterAll(() => rm(dir, { recursive: true }))

/** What a person sees who types `tongzhou plan …`, and the exit code. */
const typed = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await plan.run(args, { out: (line) => out.push(line), err: (line) => err.push(line) })
  return { code: Number(code), out: out.join('\n'), err: err.join('\n') }
}
/** A shipped plan, copied to a folder outside the repository with one thing changed. */
const outside = async (name: string, from: string, to: string): Promise<string> => {
  const folder = join(dir, `${name}-${Math.random().toString(36).slice(2)}`)
  await cp(join(plans, name), folder, { recursive: true })
  const file = join(folder, 'edition-2026.yaml')
  const text = await readFile(file, 'utf8')
  expect(text).toContain(from)
  await writeFile(
    file,
    text.replace(from, () => to),
  )
  return folder
}

test('a plan in order passes, and shows what it accepts with the reason and what is ours', async () => {
  const { code, out } = await typed('check', join(plans, 'demo-hospital'))
  expect(out).toMatch(/由我们设定，待核对：.*参保比例/)
  expect(out).toMatch(/已接受 .*领 100\.00 元（理由：条款写明不足 100 元/)
  expect(out).toMatch(/检查通过/)
  expect(code).toBe(0)
})

test('a plan that lost its reason does not pass, and is told how to mend or accept it', async () => {
  const folder = await outside(
    'demo-hospital',
    'warning: benefit_above_cost parts.inpatient',
    'warning: cliff parts.inpatient',
  )
  const lost = await typed('check', folder)
  expect(lost.code).toBe(1)
  expect(lost.out).toMatch(/\[benefit_above_cost parts\.inpatient\]/)
  expect(lost.out).toMatch(/“cliff parts\.inpatient”（.*）已不再出现，请删去/)
  expect(lost.out).toMatch(/也可在 accepted_warnings 里写明理由接受/)
})

test('a slip of the pen is told with its file and line', async () => {
  const { code, err } = await typed(
    'check',
    await outside('demo-allowance', 'unpaid_days: unpaid_days', 'unpaid_day: unpaid_days'),
  )
  expect(code).toBe(1)
  expect(err).toMatch(
    /^edition-2026\.yaml parts\.0\.steps\.0（第 \d+ 行）：不认识的项目：unpaid_day，你是不是想写 unpaid_days？$/m,
  )
})
