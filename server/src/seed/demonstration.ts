import { fileURLToPath } from 'node:url'
import { commonWords } from '#contract/found.ts'
import { addDays, day } from '#kernel/days.ts'
import { ok } from '#kernel/result.ts'
import { admitUnit, applyForUnit } from '#modules/membership/index.ts'
import { addAppointment, addStaff, headOffice, isWatcher, type Role, registerUnit } from '#modules/network/index.ts'
import { adoptEditions, readPlans } from '#modules/plans/index.ts'
import { type Context, type Database, read, sql, transact } from '#platform/database/index.ts'
import type { Services } from '#platform/services.ts'
import { hashSecret } from '#platform/sign-in/index.ts'
import { demoCreditCode } from './people.ts'
import { scan } from './scan.ts'

/** The password of every demonstration sign-in; a server that is not a demonstration has none of them. */
export const demoPassword = 'yi-tiao-chuan-2026'

/** The day on which the demonstration association opens. */
export const foundedOn = day('2026-01-05')

const plansFolder = fileURLToPath(new URL('../../../plans/', import.meta.url))
export const head = headOffice
export const offices = [
  {
    id: 2,
    key: 'east',
    name: '示范东办事处',
    region: '示范省东市',
    words: { plan: '计划', enrol: '参保', agency: '代办处' },
  },
  {
    id: 3,
    key: 'west',
    name: '示范西办事处',
    region: '示范省西市',
    words: { plan: '活动', enrol: '参互', agency: '服务处' },
  },
] as const

/** The head office's own: they appoint who watches the offices, and order stops that hold everywhere. */
export const headStaff = [
  { login: 'head-admin', name: '何文', role: 'administrator' },
  { login: 'head-decider', name: '钱程', role: 'office_decider' },
] as const satisfies readonly { login: string; name: string; role: Role }[]

/** Everybody who can sign in to the demonstration, by office: login, name, role, and where. */
export const demoStaff = (
  key: string,
): readonly { login: string; name: string; role: Role; at?: 'unit1' | 'unit2' | 'agency1' }[] => [
  { login: `${key}-unit1`, name: '陈丽', role: 'unit_officer', at: 'unit1' },
  { login: `${key}-unit2`, name: '周涛', role: 'unit_officer', at: 'unit2' },
  { login: `${key}-agency`, name: '王敏', role: 'agency_clerk', at: 'agency1' },
  { login: `${key}-reviewer`, name: '赵静', role: 'office_reviewer' },
  { login: `${key}-decider`, name: '李明', role: 'office_decider' },
  { login: `${key}-finance`, name: '孙洋', role: 'office_finance' },
  { login: `${key}-releaser`, name: '吴杰', role: 'office_releaser' },
  { login: `${key}-supervisor`, name: '郑华', role: 'supervisory_board' },
  { login: `${key}-admin`, name: '冯宁', role: 'administrator' },
]

const contextOf = (db: Database, services: Services, office: number, at: Date, today: string, actor = 0): Context => ({
  db,
  services,
  office,
  actor: {
    kind: actor ? 'staff' : 'system',
    id: actor,
    name: '示范数据',
    role: actor ? 'administrator' : 'system',
    place: null,
  },
  today: day(today),
  at,
  requestId: 'seed',
})

const must = <T>(answer: { ok: true; value: T } | { ok: false; refused: { code: string } }): T => {
  if (!answer.ok) throw new Error(`the demonstration could not be made: ${JSON.stringify(answer.refused)}`)
  return answer.value
}

export const isEmpty = (db: Database, services: Services, at: Date, today: string): Promise<boolean> =>
  read(contextOf(db, services, head, at, today), async (tx) => {
    const { rows } = await sql`select from network.association`.execute(tx.q)
    return rows.length === 0
  })

/** Adopts every edition that lies in plans/; whatever is adopted already stays. */
export const adoptPlans = async (db: Database, services: Services, at: Date, today: string): Promise<number> => {
  const files = must(await readPlans(plansFolder))
  return must(await adoptEditions(contextOf(db, services, head, at, today), files, '示范决议（由我们设定，待核对）'))
    .adopted
}

export interface Demonstration {
  readonly units: Readonly<Record<string, number>>
  readonly agencies: Readonly<Record<string, number>>
}

/**
 * The demonstration association: a head office and two offices with their agencies, points, words and officers, and four
 * member units: two employers, a joint union of three employers, and a unit without a code. Nobody is covered yet.
 */
export const seedDemonstration = async (
  db: Database,
  services: Services,
  at: Date,
  today: string,
): Promise<Demonstration> => {
  const units: Record<string, number> = {}
  const agencies: Record<string, number> = {}
  const secretHash = await hashSecret(demoPassword)
  must(
    await transact(contextOf(db, services, head, at, today), 'seed.network', async (tx) => {
      await sql`insert into network.association (name, short_name, demonstration) values ('同舟示范互助会', '示范互助会', true)`.execute(
        tx.q,
      )
      await sql`insert into network.office (id, name, kind, region, opened_on) values (${head}, '同舟示范互助会总会', 'head', '示范省', '2020-01-01')`.execute(
        tx.q,
      )
      for (const [term, word] of Object.entries(commonWords)) {
        await sql`insert into network.word (body, term, word) values (0, ${term}, ${word})`.execute(tx.q)
      }
      for (const office of offices) {
        await sql`insert into network.office (id, name, kind, region, opened_on) values (${office.id}, ${office.name}, 'office', ${office.region}, '2020-01-01')`.execute(
          tx.q,
        )
        for (const [term, word] of Object.entries(office.words))
          await sql`insert into network.word (body, term, word) values (${office.id}, ${term}, ${word})`.execute(tx.q)
        for (const n of [1, 2]) {
          const agency = await tx.ids.take()
          agencies[`${office.key}-agency${n}`] = agency
          await sql`insert into network.agency (id, office_id, name) values (${agency}, ${office.id}, ${`${office.region.slice(-2)}第${'一二'[n - 1]}${office.words.agency}`})`.execute(
            tx.q,
          )
          await sql`insert into network.point (id, office_id, agency_id, name) values (${await tx.ids.take()}, ${office.id}, ${agency}, ${`${office.region.slice(-2)}第${'一二'[n - 1]}代办点`})`.execute(
            tx.q,
          )
        }
      }
      return ok(null)
    }),
  )
  must(
    await transact(contextOf(db, services, head, at, today), 'seed.head-office', async (tx) => {
      for (const { role, ...staff } of headStaff) {
        const { staffId } = await addStaff(tx, { ...staff, secretHash })
        await addAppointment(tx, { staffId, role, from: addDays(day(today), -3_650) })
      }
      for (const office of offices)
        for (const { role, ...staff } of demoStaff(office.key).filter((each) => isWatcher(each.role))) {
          const { staffId } = await addStaff(tx, { ...staff, secretHash, office: office.id })
          await addAppointment(tx, {
            staffId,
            role,
            office: office.id,
            from: addDays(day(today), -3_650),
            resolution: '示范决议（由我们设定，待核对）',
          })
        }
      return ok(null)
    }),
  )
  await adoptPlans(db, services, at, today)
  const stamped = scan('团体入会申请（示范）')
  for (const [index, office] of offices.entries()) {
    const staffIds: Record<string, number> = {}
    const agencyId = agencies[`${office.key}-agency1`] ?? 0
    must(
      await transact(contextOf(db, services, office.id, at, today), 'seed.staff', async (tx) => {
        for (const staff of demoStaff(office.key).filter((each) => !isWatcher(each.role)))
          staffIds[staff.login] = (await addStaff(tx, { name: staff.name, login: staff.login, secretHash })).staffId
        return ok(null)
      }),
    )
    const as = (login: string) => contextOf(db, services, office.id, at, today, staffIds[login])
    const kinds = [
      {
        name: index === 0 ? '示范机械厂' : '示范纺织公司',
        kind: 'employer' as const,
        creditCode: demoCreditCode(index + 1),
        employers: [],
      },
      index === 0
        ? {
            name: '示范城东联合工会',
            kind: 'joint_union' as const,
            creditCode: null,
            employers: [11, 12, 13].map((n) => ({ name: `示范小企业${n - 10}号`, creditCode: demoCreditCode(n) })),
          }
        : { name: '示范社区服务站', kind: 'without_code' as const, creditCode: null, employers: [] },
    ]
    for (const [n, unit] of kinds.entries()) {
      const { id } = must(
        await registerUnit(as(`${office.key}-agency`), { ...unit, sector: null, agencyId, pointId: null }),
      )
      units[`${office.key}-unit${n + 1}`] = id
      must(
        await applyForUnit(as(`${office.key}-agency`), {
          unitId: id,
          appliedOn: day(today),
          workers: 50,
          paper: stamped,
        }),
      )
      must(await admitUnit(as(`${office.key}-decider`), { unitId: id }))
    }
    must(
      await transact(contextOf(db, services, office.id, at, today), 'seed.appointments', async (tx) => {
        for (const staff of demoStaff(office.key).filter((each) => !isWatcher(each.role))) {
          const place =
            staff.at === 'agency1'
              ? { kind: 'agency' as const, id: agencyId }
              : staff.at
                ? { kind: 'unit' as const, id: units[`${office.key}-${staff.at}`] ?? 0 }
                : null
          await addAppointment(tx, {
            staffId: staffIds[staff.login] ?? 0,
            role: staff.role,
            ...(place ? { place } : {}),
            from: addDays(day(today), -3_650),
          })
        }
        return ok(null)
      }),
    )
  }
  return { units, agencies }
}
