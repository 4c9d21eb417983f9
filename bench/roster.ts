// A roster of 100,000 rows, 3 % dirty, into a base of 500,000 members: read, checked, sealed, stored, activated.
import { join } from 'node:path'
import { Readable } from 'node:stream'
import ExcelJS from 'exceljs'
import { writeXlsx } from 'hucre'
import pg from 'pg'
import { day } from '#kernel/days.ts'
import { issueNotice, readStatement } from '#modules/contributions/index.ts'
import { closeRoster, confirmHeads, handIn, openRoster, stateHeads } from '#modules/enrolment/index.ts'
import { adoptedEditions } from '#modules/plans/index.ts'
import { type Context, clientConfig, openDatabase, read } from '#platform/database/index.ts'
import { migrate } from '#platform/database/migrate.ts'
import { diskStorage, openFiles } from '#platform/files/index.ts'
import { startThrowaway } from '#platform/postgres/index.ts'
import { writeCsv } from '#platform/sheets/index.ts'
import { openVault } from '#platform/vault/index.ts'
import { seedDemonstration } from '../server/src/seed/demonstration.ts'
import { dice, person } from '../server/src/seed/people.ts'
import { scan } from '../server/src/seed/scan.ts'
import { alternate, median, report } from './measure.ts'

const rows = Number(process.env.BENCH_ROWS ?? 100_000)
const base = Number(process.env.BENCH_BASE ?? 500_000)
const rounds = Number(process.env.BENCH_ROUNDS ?? 3)
const oneByOne = Math.min(2_000, rows)

const postgres = await startThrowaway({ settings: { shared_buffers: '1GB', max_wal_size: '8GB' } })
const { dir } = postgres
const owner = new pg.Pool({ ...clientConfig(postgres.connection('tongzhou_owner')), max: 2 })
try {
  await migrate(postgres.connection('tongzhou_owner'))
  const db = openDatabase(postgres.connection('tongzhou_server'))
  const vault = await openVault({ dir: join(dir, 'keys') })
  const services = { vault, files: openFiles({ storage: diskStorage(join(dir, 'files')), vault }), demonstration: true }
  const today = day('2026-03-02')
  const at = new Date(`${today}T10:00:00+08:00`)
  const { units } = await seedDemonstration(db, services, at, today)
  const as = (actor: number): Context => ({
    db,
    services,
    office: 2,
    actor: { kind: 'staff', id: actor, name: 'bench', role: 'office_decider', place: null },
    today,
    at,
    requestId: 'bench',
  })

  process.stdout.write(`base of ${base} members…\n`)
  const sealed = Buffer.alloc(50)
  const edition = (await read(as(1), adoptedEditions)).find((each) => each.edition.plan === 'demo-critical')
  await owner.query(
    `insert into membership.person (id, paper_hash, member_number) select 10000000 + i, sha256(i::text::bytea), 'M' || lpad((10000000 + i)::text, 10, '0') from generate_series(1, ${base}) i`,
  )
  await owner.query(
    `insert into membership.member select 2, 10000000 + i, $1, 'resident', $1, 'M', '1980-01-01', '2025-01-01' from generate_series(1, ${base}) i`,
    [sealed],
  )
  await owner.query(
    `insert into membership.person_cover select 10000000 + i, 'demo-critical', '2025-01-01', '2026-01-01', 2, 20000000 + i, $1, $2, 1 from generate_series(1, ${base}) i`,
    [edition?.id, units['east-unit1']],
  )
  await owner.query('vacuum analyze')

  const sheetOf = async (round: number, count = rows, department = '部门'): Promise<Buffer> => {
    const roll = dice(round + 1)
    const lines = Array.from({ length: count }, (_, i) => {
      const each = person(2_000_000 + round * rows + i, roll)
      // Three in a hundred are wrong, in the ways they are wrong in life.
      const wrong = roll.next() < 0.03 ? roll.whole(1, 3) : 0
      const paper =
        wrong === 1
          ? `${each.paper.slice(0, 17)}${each.paper[17] === '1' ? '2' : '1'}`
          : wrong === 2
            ? each.paper.slice(0, 15)
            : each.paper
      return [
        String(i + 1),
        `G${100_000 + i}`,
        `第${1 + (i % 40)}车间`,
        each.name,
        paper,
        each.sex === 'F' ? '女' : '男',
        wrong === 3 ? '9' : '1',
      ]
    })
    // The columns that rosters carry: number, staff number, department, name, paper, sex, shares.
    return Buffer.from(
      await writeXlsx({
        sheets: [{ name: 'r', rows: [['序号', '工号', department, '姓名', '身份证号', '性别', '份数'], ...lines] }],
      }),
    )
  }
  const sheets = await Promise.all(Array.from({ length: rounds }, (_, round) => sheetOf(round)))
  const must = <T>(answer: { ok: true; value: T } | { ok: false; refused: { code: string } }): T => {
    if (!answer.ok) throw new Error(JSON.stringify(answer.refused))
    return answer.value
  }
  const steps: Record<string, number[]> = { 'hand-in': [], activation: [] }
  const whole = async (sheet: Buffer): Promise<void> => {
    const { rosterId } = must(
      await openRoster(as(1), { unitId: units['east-unit1'] ?? 0, editionId: edition?.id ?? 0, commonDay: null }),
    )
    const started = Date.now()
    const done = must(await handIn(as(1), { rosterId, file: sheet, mode: 'good_rows' }))
    steps['hand-in']?.push((Date.now() - started) / 1_000)
    const { headCountId } = must(
      await stateHeads(as(1), {
        rosterId,
        kind: 'staff',
        countedOn: today,
        heads: done.accepted,
        proof: scan('证明'),
      }),
    )
    must(await confirmHeads(as(2), { rosterId, headCountId }))
    const closed = must(await closeRoster(as(1), { rosterId }, issueNotice))
    const again = Date.now()
    const line = [today, 'x', (closed.dueFen / 100).toFixed(2), closed.noticeNumber, `B${rosterId}`]
    const paid = must(
      await readStatement(as(1), {
        account: '专户',
        file: writeCsv([['交易日期', '对方户名', '贷方金额', '附言', '流水号'], line]),
      }),
    )
    steps.activation?.push((Date.now() - again) / 1_000)
    if (paid.effective[0]?.covered !== done.accepted) throw new Error('not everybody is covered')
  }
  /** A whole file again with everybody on the roster already, as she does who mended a few rows: seconds. */
  const again = async (): Promise<number> => {
    const { rosterId } = must(
      await openRoster(as(1), { unitId: units['east-unit1'] ?? 0, editionId: edition?.id ?? 0, commonDay: null }),
    )
    const [first, second] = [await sheetOf(rounds + 1), await sheetOf(rounds + 1, rows, '车间')]
    const done = must(await handIn(as(1), { rosterId, file: first, mode: 'good_rows' }))
    const started = Date.now()
    const twice = must(await handIn(as(1), { rosterId, file: second, mode: 'good_rows' }))
    if (twice.alreadyIn !== done.accepted) throw new Error('not everybody was on the roster')
    return (Date.now() - started) / 1_000
  }
  const unit = units['east-unit2']
  const begin = { name: 'begin', text: 'begin' }
  const commit = { name: 'commit', text: 'commit' }
  /**
   * What an ordinary program does that takes people one by one: the same tables, keys and commits, prepared statements, and
   * a transaction a person. Its file is read already, nothing is checked, and it keeps no books: all that is in its favour.
   */
  const rowByRow = async (round: number): Promise<void> => {
    const roll = dice(round + 50)
    const client = await owner.connect()
    const send = (name: string, text: string, values: readonly unknown[]) =>
      client.query({ name, text, values: [...values] })
    try {
      for (let i = 0; i < oneByOne; i += 1) {
        const each = person(6_000_000 + round * oneByOne + i, roll)
        const id = 50_000_000 + round * oneByOne + i
        const hash = vault.hash('paper', each.paper)
        const [name, paper] = [vault.seal('member.name', each.name), vault.seal('member.paper', each.paper)]
        await client.query(begin)
        const known = await send('known', 'select id from membership.person where paper_hash = $1', [hash])
        const personId = (known.rows[0] as { id: number } | undefined)?.id ?? id
        const twice = await send(
          'twice',
          `select from membership.person_cover where person_id = $1 and plan = 'row-by-row' and from_on < '2027-03-03' and '2026-03-03' < until_on`,
          [personId],
        )
        if (twice.rows.length > 0) throw new Error('covered already')
        await send(
          'row',
          `insert into enrolment.roster_row values (2, 1, $1, 1, $2, 'resident', $3, $4, $5, $6, null, 1, null) on conflict do nothing`,
          [hash, i, paper, name, each.sex, each.bornOn],
        )
        if (personId === id)
          await send('person', 'insert into membership.person (id, paper_hash, member_number) values ($1, $2, $3)', [
            id,
            hash,
            `M${String(id).padStart(10, '0')}`,
          ])
        await send(
          'member',
          `insert into membership.member values (2, $1, $2, 'resident', $3, $4, $5, '2026-03-02') on conflict do nothing`,
          [personId, name, paper, each.sex, each.bornOn],
        )
        await send(
          'belonging',
          `insert into membership.belonging values (2, $1, $2, '2026-03-02') on conflict do nothing`,
          [personId, unit],
        )
        await send(
          'cover',
          `insert into enrolment.cover values (2, $1::bigint, '2-' || $1::bigint, $2, $3, $4, 'row-by-row', 1, '2026-03-03', '2027-03-03', 1, null, 10000, false)`,
          [id, personId, unit, edition?.id],
        )
        await send(
          'person_cover',
          `insert into membership.person_cover values ($1, 'row-by-row', '2026-03-03', '2027-03-03', 2, $2, $3, $4, 1)`,
          [personId, id, edition?.id, unit],
        )
        await client.query(commit)
      }
    } finally {
      client.release()
    }
  }
  const sheetOfRound = (round: number): Buffer => sheets[round] ?? Buffer.alloc(0)
  const readOnly = async (sheet: Buffer): Promise<void> => {
    const book = new ExcelJS.Workbook()
    await book.xlsx.load(sheet as never)
    let seen = 0
    book.worksheets[0]?.eachRow(() => {
      seen += 1
    })
    if (seen < 2) throw new Error('exceljs read another sheet')
  }
  const streamed = async (sheet: Buffer): Promise<void> => {
    const reader = new ExcelJS.stream.xlsx.WorkbookReader(Readable.from([sheet]) as never, {
      sharedStrings: 'cache',
      worksheets: 'emit',
    })
    let seen = 0
    for await (const worksheet of reader) for await (const _ of worksheet) seen += 1
    if (seen < 2) throw new Error('exceljs read another sheet')
  }
  // Each way once on a short sheet, so that none of them is measured cold.
  const short = await sheetOf(rounds, 2_000)
  await whole(short)
  await readOnly(short)
  await streamed(short)
  steps['hand-in'] = []
  steps.activation = []
  const seconds = await alternate(rounds, {
    ours: (round) => whole(sheetOfRound(round)),
    exceljs: (round) => readOnly(sheetOfRound(round)),
    streamed: (round) => streamed(sheetOfRound(round)),
    rows: rowByRow,
  })
  const ours = seconds.ours ?? []
  const secondTime = await again()
  const text = await report(
    'roster',
    `A roster of ${rows} rows into a base of ${base} members`,
    [
      'Ours: read and checked row by row in one worker thread, numbers hashed and sealed in another, double',
      'covers looked for, the roster stored in batches, closed, paid, and everybody on it covered, with its entries in the books; 3 % of the',
      'rows are wrong. Bases: (a) exceljs merely reading the same file, as a whole (`load`) or by its streaming reader; (b) people',
      `put into the same tables one by one with prepared statements, a transaction each, ${oneByOne} of them, neither read nor checked.`,
      `In the median: hand-in ${median(steps['hand-in'] ?? []).toFixed(1)} s, activation ${median(steps.activation ?? []).toFixed(1)} s.`,
      `The same people handed in again: ${secondTime.toFixed(1)} s. Embedded PostgreSQL 18, fsync on.`,
    ],
    [
      {
        what: 'read, checked, stored and activated',
        count: rows,
        unit: 'rows',
        ours,
        base: seconds.exceljs ?? [],
        baseIs: 'exceljs, load',
        floor: 0.6,
        goal: 1,
      },
      {
        what: 'the same against its streaming reader',
        count: rows,
        unit: 'rows',
        ours,
        base: seconds.streamed ?? [],
        baseIs: 'exceljs, stream',
      },
      {
        what: 'the same against row by row',
        count: rows,
        unit: 'rows',
        ours,
        base: (seconds.rows ?? []).map((each) => (each * rows) / oneByOne),
        baseIs: 'row by row',
        floor: 12,
      },
    ],
  )
  process.stdout.write(text)
  await db.close()
  await vault.close()
} finally {
  await owner.end()
  await postgres.destroy()
}
