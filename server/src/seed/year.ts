import iconv from 'iconv-lite'
import { addDays, type CivilDate, day } from '#kernel/days.ts'
import { decideItem, fileClaim, handInPaper, reviewItem } from '#modules/claims/index.ts'
import { issueNotice, readStatement } from '#modules/contributions/index.ts'
import { publishLists } from '#modules/disclosure/index.ts'
import { closeRoster, confirmHeads, coversOfUnit, handIn, openRoster, stateHeads } from '#modules/enrolment/index.ts'
import { admitUnit, applyForUnit } from '#modules/membership/index.ts'
import { registerUnit } from '#modules/network/index.ts'
import { batchFile, makeBatch, readAnswer, releaseBatch } from '#modules/payments/index.ts'
import { adoptedEditions } from '#modules/plans/index.ts'
import { type Context, type Database, read, sql } from '#platform/database/index.ts'
import type { Services } from '#platform/services.ts'
import { writeCsv } from '#platform/sheets/index.ts'
import { head, offices } from './demonstration.ts'
import { demoCreditCode, dice, type Person, person, unitSize } from './people.ts'
import { scan } from './scan.ts'

type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refused: { readonly code: string } }
const must = <T>(answer: Answer<T>): T => {
  if (!answer.ok) throw new Error(`the year could not be made: ${JSON.stringify(answer.refused)}`)
  return answer.value
}

const illnesses = ['C34', 'C50', 'C73', 'C16', 'I21', 'I61']
const stays = ['J18', 'K35', 'I10', 'M51', 'S82', 'E11']
const sectors = ['制造', '建筑', '交通运输', '教育', '卫生', '商贸', '餐饮', '快递']

export interface YearMade {
  readonly units: number
  readonly members: number
  readonly claims: number
  readonly paidFen: number
}

/**
 * A year of an association, done by its own use cases, so that every rule and every book holds: units join, hand in
 * rosters, pay; members fall ill, claims are reviewed, decided, published and paid. The same seed gives the same year.
 */
export const seedYear = async (
  db: Database,
  services: Services,
  { members, seed, year = 2026, say }: { members: number; seed: number; year?: number; say: (line: string) => void },
): Promise<YearMade> => {
  const roll = dice(seed)
  let actors = { clerk: 0, decider: 0, finance: 0, releaser: 0 }
  const contextOf = (office: number, today: CivilDate, actor: number, role: string): Context => ({
    db,
    services,
    office,
    actor: { kind: 'staff', id: actor, name: '示范', role, place: null },
    today,
    at: new Date(`${today}T10:00:00+08:00`),
    requestId: 'seed-year',
  })
  const staffOf = async (office: number) => {
    const rows = await read(
      contextOf(office, day(`${year}-01-05`), 0, 'system'),
      async (tx) =>
        (
          await sql<{
            role: string
            id: number
          }>`select distinct on (role) role, staff_id as id from network.appointment where office_id = ${office} order by role, id`.execute(
            tx.q,
          )
        ).rows,
    )
    const of = (role: string): number => rows.find((row) => row.role === role)?.id ?? 0
    return {
      clerk: of('agency_clerk'),
      decider: of('office_decider'),
      finance: of('office_finance'),
      releaser: of('office_releaser'),
    }
  }
  const editions = await read(contextOf(head, day(`${year}-01-05`), 0, 'system'), adoptedEditions)
  const editionOf = (plan: string): number => editions.find((each) => each.edition.plan === plan)?.id ?? 0

  let made = 0
  let units = 0
  let claims = 0
  let paidFen = 0
  const joined: { office: number; unitId: number; people: Person[] }[] = []
  const join = day(`${year}-01-05`)
  for (let n = 0; made < members; n += 1) {
    const office = offices[n % offices.length] ?? offices[0]
    actors = await staffOf(office.id)
    const size = Math.min(unitSize(roll), members - made)
    const people = Array.from({ length: size }, (_, i) => person(1_000_000 * (seed % 30) + made + i, roll))
    const as = (actor: number, role: string) => contextOf(office.id, join, actor, role)
    const agencyId = await read(
      as(0, 'system'),
      async (tx) =>
        (
          await sql<{
            id: number
          }>`select id from network.agency where office_id = ${tx.office} order by id limit 1`.execute(tx.q)
        ).rows[0]?.id ?? 0,
    )
    const { id: unitId } = must(
      await registerUnit(as(actors.clerk, 'agency_clerk'), {
        name: `示范${roll.of(sectors)}单位${seed}-${n + 1}`,
        kind: 'employer',
        creditCode: demoCreditCode(seed * 100_000 + n + 100),
        sector: null,
        agencyId,
        pointId: null,
        employers: [],
      }),
    )
    must(
      await applyForUnit(as(actors.clerk, 'agency_clerk'), {
        unitId,
        appliedOn: join,
        workers: size,
        paper: scan('申请'),
      }),
    )
    must(await admitUnit(as(actors.decider, 'office_decider'), { unitId }))
    for (const plan of ['demo-hospital', 'demo-critical', ...(n % 3 === 0 ? ['demo-women'] : [])]) {
      const enrolled = plan === 'demo-women' ? people.filter((each) => each.sex === 'F') : people
      if (enrolled.length === 0) continue
      const { rosterId } = must(
        await openRoster(as(actors.clerk, 'agency_clerk'), { unitId, editionId: editionOf(plan), commonDay: null }),
      )
      const sheet = writeCsv([['姓名', '身份证号'], ...enrolled.map((each) => [each.name, each.paper])])
      must(await handIn(as(actors.clerk, 'agency_clerk'), { rosterId, file: sheet, mode: 'good_rows' }))
      const { headCountId } = must(
        await stateHeads(as(actors.clerk, 'agency_clerk'), {
          rosterId,
          kind: plan === 'demo-women' ? 'women' : 'staff',
          countedOn: join,
          heads: enrolled.length,
          proof: scan('人数'),
        }),
      )
      must(await confirmHeads(as(actors.decider, 'office_decider'), { rosterId, headCountId }))
      const closed = must(await closeRoster(as(actors.clerk, 'agency_clerk'), { rosterId }, issueNotice))
      const line = [
        join,
        `单位${n + 1}工会`,
        (closed.dueFen / 100).toFixed(2),
        closed.noticeNumber,
        `Y${seed}-${rosterId}`,
      ]
      must(
        await readStatement(as(actors.finance, 'office_finance'), {
          account: '专户',
          file: writeCsv([['交易日期', '对方户名', '贷方金额', '附言', '流水号'], line]),
        }),
      )
    }
    joined.push({ office: office.id, unitId, people })
    made += size
    units += 1
    if (units % 20 === 0) say(`参保 ${made} / ${members} 人，${units} 个单位`)
  }

  const ill: { office: number; memberNumber: string; on: CivilDate }[] = []
  for (const { office, unitId } of joined) {
    const covers = await read(contextOf(office, join, 0, 'system'), (tx) => coversOfUnit(tx, unitId, 10_000))
    for (const cover of covers.filter((each) => each.plan === 'demo-hospital')) {
      if (roll.next() < 0.08)
        ill.push({ office, memberNumber: cover.memberNumber, on: addDays(day(`${year}-04-10`), roll.whole(0, 160)) })
    }
  }
  ill.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.memberNumber < b.memberNumber ? -1 : 1))
  let month = ''
  for (const { office, memberNumber, on } of ill) {
    if (month && on.slice(0, 7) !== month) paidFen += await payMonth(month)
    month = on.slice(0, 7)
    actors = await staffOf(office)
    const told = addDays(on, 20)
    const as = (actor: number, role: string) => contextOf(office, told, actor, role)
    // About as much as comes in: most stays cost her some thousand yuan, and few are of the severe illnesses.
    const severe = roll.next() < 0.065
    const days = roll.whole(3, 24)
    const paidByOthers = roll.whole(400_000, 6_000_000)
    const selfPay = Math.round(Math.exp(10.1 + roll.next() * 2.5))
    const filed = await fileClaim(as(actors.finance, 'agency_clerk'), {
      memberNumber,
      event: {
        kind: 'inpatient_stay',
        dates: {
          admission: addDays(on, -days),
          discharge: on,
          settlement: on,
          diagnosis: addDays(on, -days + 1),
          ...(severe ? { pathology: addDays(on, -days + 2) } : {}),
        },
        bill: { total: paidByOthers + selfPay, in_scope_self_pay: selfPay },
        days: { inpatient: days },
        codes: {
          diagnosis: severe ? roll.of(illnesses) : roll.of(stays),
          severity: severe ? 'severe' : 'none',
          hospital_level: roll.whole(2, 3),
          cause: 'disease',
        },
      },
      words: '',
      nameInNotice: roll.next() < 0.8,
      payee: {
        kind: 'member',
        name: '示范会员',
        account: `6222${String(roll.whole(0, 999_999_999)).padStart(12, '0')}`,
        branch: '示范银行',
      },
      mandate: scan('委托书'),
    })
    if (!filed.ok) continue
    for (const kind of ['医保结算单', '出院记录', ...(severe ? ['病理报告'] : [])]) {
      must(
        await handInPaper(as(actors.finance, 'agency_clerk'), {
          eventId: filed.value.eventId,
          kind,
          paper: scan(`${kind} ${filed.value.number}`),
        }),
      )
    }
    for (const itemId of filed.value.items) {
      must(await reviewItem(as(actors.clerk, 'agency_clerk'), { itemId, verdict: 'pass' }))
      must(await decideItem(as(actors.decider, 'office_decider'), { itemId }))
    }
    claims += 1
    if (claims % 100 === 0) say(`申领 ${claims} / ${ill.length} 件`)
  }
  if (month) paidFen += await payMonth(month)

  /** Month's end: what was decided is published, and what may be paid is paid; one in fifty is sent back once. */
  async function payMonth(of: string): Promise<number> {
    let paid = 0
    const published = addDays(day(`${of}-01`), 52)
    for (const { id: office } of offices) {
      const staff = await staffOf(office)
      const as = (on: CivilDate, actor: number, role: string) => contextOf(office, on, actor, role)
      await publishLists(as(published, staff.decider, 'office_decider'))
      const on = addDays(published, 12)
      const batch = await makeBatch(as(on, staff.finance, 'office_finance'))
      if (!batch.ok) continue
      must(await releaseBatch(as(on, staff.releaser, 'office_releaser'), { batchId: batch.value.batchId }))
      const file = must(await batchFile(as(on, staff.releaser, 'office_releaser'), { batchId: batch.value.batchId }))
      const lines = iconv
        .decode(file.bytes, 'gb18030')
        .split('\r\n')
        .slice(2)
        .filter((line) => line !== '')
      const answers = lines.map((line) => {
        const fields = line.split(',')
        return [fields[1] ?? '', fields[5] ?? '', roll.next() < 0.02 ? '失败' : '成功', '账户状态异常']
      })
      const read = must(
        await readAnswer(as(on, staff.releaser, 'office_releaser'), {
          batchId: batch.value.batchId,
          file: writeCsv([['参考号', '金额', '结果', '原因'], ...answers]),
        }),
      )
      paid += read.paidFen
      await publishLists(as(on, staff.decider, 'office_decider'))
    }
    return paid
  }
  return { units, members: made, claims, paidFen }
}
