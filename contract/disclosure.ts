import type { Refusals } from './refusals.ts'

export const disclosureRefusals = {
  nothing_to_publish: { http: 422, zh: '现在没有需要公示的项目。' },
  list_not_found: { http: 404, zh: '未找到这份公示，或公示期已经结束。' },
} satisfies Refusals
