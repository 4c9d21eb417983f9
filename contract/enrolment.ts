import { z } from 'zod'
import { Day, Id } from './network.ts'
import type { Refusals } from './refusals.ts'

export const OpenRoster = z.object({
  unitId: Id,
  editionId: Id,
  commonDay: Day.nullish().meta({ description: '与单位约定的起保日，仅用于约定起保日的计划' }),
})
export type OpenRoster = z.infer<typeof OpenRoster>

export const HandInFields = z.object({
  mode: z
    .enum(['good_rows', 'all_or_nothing'])
    .default('good_rows')
    .meta({ description: '先收没有问题的行，或全部改好再收' }),
})
export const HandInReply = z.object({
  handInId: z.number(),
  rowsIn: z.number(),
  accepted: z.number(),
  toMend: z.number(),
  alreadyIn: z.number().meta({ description: '接收的行里，以前已经交过的人数' }),
  seenBefore: z
    .boolean()
    .meta({ description: '这个文件以前按同样的方式交过，它的人都还在名单上：回答与那次相同，这次没有改动名单' }),
  defects: z.record(z.string(), z.number()),
  columnsNotRead: z.array(z.string()).meta({ description: '表头里没有用到的列：名称不认识，或者同一列有两个' }),
  sheetsNotRead: z.array(z.string()).meta({ description: '没有读的工作表：只读第一张显示的，其余有内容的列在这里' }),
  sample: z
    .array(z.object({ row: z.number(), problems: z.array(z.string()) }))
    .meta({ description: '先是要改的行，再是请确认的行，最多 20 行；其余在核对结果里' }),
})
export type HandInReply = z.infer<typeof HandInReply>

export const StateHeads = z.object({
  kind: z.enum(['staff', 'union_members', 'women']),
  countedOn: Day,
  heads: z.coerce.number().int().min(1).max(10_000_000),
})
export type StateHeads = z.infer<typeof StateHeads>
export const ConfirmHeads = z.object({ headCountId: Id })

export const TakeOff = z.object({
  rows: z
    .array(z.object({ handInId: Id, row: z.coerce.number().int().min(1).max(2_000_000_000) }))
    .min(1)
    .max(1_000)
    .meta({ description: '按交表编号和那张表里的行号指明' }),
  reason: z.string().trim().min(2).max(200),
})
export type TakeOff = z.infer<typeof TakeOff>
export const rosterRowStates = ['on_roster', 'covered', 'left_out'] as const

export const payers = ['member', 'unit', 'unit_union', 'upper_union'] as const
export const CloseRoster = z.object({
  payers: z
    .partialRecord(z.enum(payers), z.number().int().min(0))
    .optional()
    .meta({ description: '各方出资（分），合计等于应缴总额；不填则由单位工会一笔缴清' }),
})
export type CloseRoster = z.infer<typeof CloseRoster>

export const enrolmentRefusals = {
  roster_columns_missing: {
    http: 422,
    zh: '表格里没有找到这些列：{missing}。看到的第一行是：{seen}。请保留表头一行，写明“姓名”和“身份证号”。文件里有几张工作表的，只读第一张显示的：请把名单放在那一张。',
  },
  roster_not_found: { http: 404, zh: '未找到这份名单，或不在您的管辖范围内。' },
  roster_closed: { http: 409, zh: '这份名单已经截止，不能再改。需要补人请另开一份名单。' },
  rows_not_on_roster: {
    http: 404,
    zh: '有 {count} 行不在这份名单上，什么都没有移除。请核对交表编号和行号（不是人员序号）。',
  },
  roster_empty: { http: 422, zh: '名单里还没有可以参保的人，请先交名单。' },
  persons_not_admitted: {
    http: 422,
    zh: '按现在的起保日 {from}，名单上有 {count} 人不能参加（年龄或份数已不符合）：{rows}。请先把这些行从名单上移除，再截止。',
  },
  common_day_needed: { http: 422, zh: '这个计划要与单位约定起保日，请填写 {after} 之后的一天。' },
  common_day_not_used: { http: 422, zh: '这个计划不使用约定起保日，请不要填写。' },
  heads_kind_wrong: { http: 422, zh: '这个计划按“{wanted}”计算参保比例，请按这个口径填报人数。' },
  heads_not_found: { http: 404, zh: '未找到这份人数填报。' },
  heads_not_confirmed: { http: 422, zh: '参保比例要用的人数还没有经代办处确认，请先确认人数。' },
  heads_already_confirmed: { http: 409, zh: '这份人数已经确认过了；填错了的，可以在结束填报以前重新填报。' },
  heads_stated_again: { http: 409, zh: '人数后来又重新填报过，请核对、确认最新的一份（编号 {newest}）。' },
  confirmer_stated_it: { http: 403, zh: '填报人数的人不能自己确认，请由代办处的另一位工作人员确认。' },
  heads_fewer_than_roster: {
    http: 422,
    zh: '填报人数 {heads} 人，少于名单上的 {persons} 人，请核对名单；人数填错了的，请重新填报，由代办处再确认。',
  },
  participation_short: {
    http: 422,
    zh: '按{clause}，应有至少 {needed} 人参加（应参保 {heads} 人），名单上只有 {persons} 人，还差 {short} 人。',
  },
  payers_do_not_add_up: { http: 422, zh: '各方出资合计 {given} 元，应为 {due} 元，请核对。' },
  report_not_found: { http: 404, zh: '未找到这次交名单的记录。' },
  no_scheme_date: { http: 422, zh: '这个计划没有可用的起保日，请联系办事处。' },
} satisfies Refusals
