import { z } from 'zod'
import { Login, Reason } from './access.ts'
import type { Refusals } from './refusals.ts'

const Name = z.string().trim().min(2).max(100)
const Administrator = z.object({ login: Login, name: z.string().trim().min(1).max(60) })
export type Administrator = z.infer<typeof Administrator>
/** Many acts need two hands: an office may begin with two who administer it. */
const administrators = z.array(Administrator).min(1).max(2)
const region = z.string().trim().min(1).max(60)

export const FoundAssociation = z.object({
  association: Name,
  shortName: Name,
  office: Name,
  region,
  administrators,
})
export type FoundAssociation = z.infer<typeof FoundAssociation>

export const AddOffice = z.object({ office: Name, region, administrators })
export type AddOffice = z.infer<typeof AddOffice>

export const AddAdministrators = z.object({ office: z.coerce.number().int().min(1), administrators, reason: Reason })
export type AddAdministrators = z.infer<typeof AddAdministrators>

export const AddAgency = z.object({ office: z.coerce.number().int().min(1), name: Name })
export type AddAgency = z.infer<typeof AddAgency>

export const AddPoint = z.object({
  office: z.coerce.number().int().min(1),
  agency: z.coerce.number().int().min(1),
  name: Name,
})
export type AddPoint = z.infer<typeof AddPoint>

/** The words everybody knows; a body that says others has its own in their place. */
export const commonWords = { plan: '计划', enrol: '参保', agency: '代办处', benefit: '互助金', contribution: '互助费' }
const terms = Object.keys(commonWords) as (keyof typeof commonWords)[]

export const SetWords = z.object({
  office: z.coerce.number().int().min(1),
  words: z
    .partialRecord(z.enum(terms), z.string().trim().min(1).max(10))
    .refine((words) => Object.keys(words).length > 0, '至少写一个词'),
})
export type SetWords = z.infer<typeof SetWords>

export const foundRefusals = {
  production_only: {
    http: 409,
    zh: '现在是示范模式，不能登记正式的互助会：请设 TONGZHOU_MODE=production，再试一次。',
  },
  association_exists: {
    http: 409,
    zh: '这里已经有“{name}”，一个安装只有一个互助会。增加办事处请用 tongzhou office add；另建一个请换 TONGZHOU_DIR 或新的数据库。',
  },
  association_missing: { http: 409, zh: '这里还没有互助会，请先用 tongzhou found 登记。' },
  office_exists: { http: 409, zh: '已经有叫“{name}”的办事处，请换一个名称。' },
  agency_exists: { http: 409, zh: '这个办事处已经有叫“{name}”的代办处，请换一个名称。' },
  agency_not_here: { http: 404, zh: '这个办事处没有编号 {agency} 的代办处：编号是登记代办处时显示的。' },
  point_exists: { http: 409, zh: '这个代办处已经有叫“{name}”的代办点，请换一个名称。' },
} satisfies Refusals
