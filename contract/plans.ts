import type { Refusals } from './refusals.ts'

export const plansRefusals = {
  edition_not_understood: { http: 422, zh: '计划文件有问题：{first}。请按提示修改后再试。' },
  edition_differs: {
    http: 409,
    zh: '“{title}”的 {edition} 版已经登记，条文和这份不同：登记过的不能改。请把改过的写成新的版本。',
  },
  edition_not_found: { http: 404, zh: '未找到这个计划版本。' },
  engine_unknown: {
    http: 422,
    zh: '这份决定是用 {engine} 计算的，这里的程序是 {ours}，不能复算；请用同一版本的程序。',
  },
  part_unknown: { http: 422, zh: '决定记录里的“{part}”不在它的计划版本里，记录可能被改过，请向出具的办事处核对。' },
  edition_closed: { http: 422, zh: '“{title}”现在不能参保：{why}。' },
} satisfies Refusals
