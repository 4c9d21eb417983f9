import { expect, test } from 'vitest'
import { z } from 'zod'
import { fieldProblems } from './field-problems.ts'

test('what is wrong with a field is said in words that whoever filled it in reads', () => {
  const form = z.object({
    reason: z.string().min(4),
    name: z.string().min(1),
    long: z.string().max(3),
    heads: z.number().int().max(5),
    least: z.number().min(1),
    role: z.enum(['甲', '乙']),
    on: z.iso.date(),
    employers: z.array(z.string()).min(1),
    login: z.string().regex(/^[a-z]+$/, '用户名用小写字母'),
    code: z.string().regex(/^\d+$/),
    left: z.string(),
    nested: z.object({ amount: z.number() }),
  })
  const { error } = form.safeParse({
    reason: '短',
    name: '',
    long: '太长了吧',
    heads: 9,
    least: 0,
    role: '丙',
    on: '2026-02-30',
    employers: [],
    login: '张三',
    code: 'x',
    nested: { amount: '一' },
  })
  const said = Object.fromEntries(fieldProblems(error?.issues ?? []).map(({ field, problem }) => [field, problem]))
  expect(said).toEqual({
    reason: '至少 4 个字',
    name: '不能是空的',
    long: '最多 3 个字',
    heads: '不能大于 5',
    least: '不能小于 1',
    role: '应是其中之一：甲、乙',
    on: '应是日历上有的日期，如 2026-03-01',
    employers: '至少 1 项',
    login: '用户名用小写字母',
    code: '格式不对',
    left: '没有填',
    'nested.amount': '应填数字',
  })
})
