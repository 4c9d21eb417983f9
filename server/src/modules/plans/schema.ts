import { z } from 'zod'
import { EditionText } from './language.ts'

type Node = { [key: string]: unknown }

/** What each part of an edition is for, shown by editors beside the word; in the order people write them. */
const meanings: Readonly<Record<string, string>> = {
  plan: '计划的名称，与文件夹同名',
  edition: '版本，如 2026',
  issuer: '制定的组织',
  kind: 'published 公开的版本；demonstration 公开的给付加我们设定的数值；ours 由我们设计',
  in_force: '版本从哪天起（到哪天止）有效',
  missing: '来源没有写明的内容：有一项就不能开放参保（数值写 unknown: yes，自动列入）',
  readings: '原文不清楚之处所取的读法',
  values: '每个数值：说明、单位、条款，从哪天起',
  bases: '给付的基数：账单各项相加减',
  lists: '疾病等目录',
  classes: '数值不同的人员类别',
  who: '谁可以参加',
  group: '参保比例',
  fee: '互助费，谁承担',
  term: '保障期，何时起保',
  excludes: '不给付的情形（条件）',
  parts: '给付的各个部分',
  notice: '公示',
  claim_by: '申领期限',
  objection: '异议',
  principal: '返还本金',
  does_not_pay: '不给付的情形（文字）',
  accepted_warnings: '检查时接受的提醒和理由',
  key_date: '按哪个日期算',
  waiting: '等待期',
  gathered_over: '在什么范围内累计计算',
  steps: '给付的步骤，从上到下',
  claims_most: '最多几次',
  not_with: '不能与哪一部分同时',
  ends_cover: '给付后整个保障终止',
  ends_parts: '给付后哪些部分终止',
  bars_illness: '同一种疾病不再给付',
  schedule: '分期',
  papers: '要交的材料',
  reviews: '几级审核，谁决定',
  payee: '付给谁',
  borne_by: '由谁承担',
}

/** The word `kind` says of a part something else than of an edition. */
const ofPartKind = 'indemnity 补偿型，给付不超过费用；fixed_sum 定额型'

/** A scalar is written as YAML likes it: 36.00, yes and 2026-01-01 without quotes are as good as texts. */
const loosened = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(loosened)
  if (node === null || typeof node !== 'object') return node
  const out: Node = {}
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties' && value && typeof value === 'object')
      out[key] = Object.fromEntries(
        Object.entries(value).map(([name, of]) => {
          const loose = loosened(of) as Node
          const meaning = Array.isArray(loose.enum) && loose.enum.includes('indemnity') ? ofPartKind : meanings[name]
          return [name, meaning && !loose.description ? { ...loose, description: meaning } : loose]
        }),
      )
    else out[key] = loosened(value)
  }
  if (out.type === 'string' && !out.enum && out.const === undefined)
    return { ...out, type: ['string', 'number', 'boolean'] }
  if (Array.isArray(out.enum) && out.enum.includes('yes')) return { enum: [...out.enum, true, false] }
  return out
}

/** The JSON Schema of an edition as it is written. */
export const editionSchema = (): Node => {
  const schema = loosened(z.toJSONSchema(EditionText, { io: 'input', reused: 'ref' })) as Node
  return { ...schema, title: '同舟计划版本 edition-….yaml' }
}
