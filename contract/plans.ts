import type { Refusals } from './refusals.ts'

export const plansRefusals = {
  edition_not_understood: { http: 422, zh: '计划文件有问题：{first}。请按提示修改后再试。' },
  edition_not_found: { http: 404, zh: '未找到这个计划版本。' },
  edition_closed: { http: 422, zh: '“{title}”现在不能参保：{why}。' },
} satisfies Refusals
