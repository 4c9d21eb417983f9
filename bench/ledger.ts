import { once } from 'node:events'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { addDays, day } from '#kernel/days.ts'
import { fen } from '#kernel/money.ts'
import { type Posting, post } from '#modules/ledger/index.ts'
import { type Context, clientConfig, openDatabase, transact } from '#platform/database/index.ts'
import { migrate } from '#platform/database/migrate.ts'
import { startThrowaway } from '#platform/postgres/index.ts'
import type { Services } from '#platform/services.ts'
import { alternate, type Finding, report } from './measure.ts'

const total = 50_000
const rounds = Number(process.env.BENCH_ROUNDS ?? 9)
const firstDay = day('2026-01-01')
const funds = ['hospital', 'critical', 'women', 'accident', 'allowance']
const office = 7

/** Transfers of a year, in the order of their days as a run would book them: each one journal of two entries. */
const transfers = (round: string, count: number): Posting[] =>
  Array.from({ length: count }, (_, n) => {
    const amount = fen(1_000 + ((n * 7_919) % 500_000))
    const fund = funds[n % funds.length] ?? 'hospital'
    return {
      event: 'benefit-payable',
      reference: `${round}-item-${n}`,
      on: addDays(firstDay, Math.floor((n * 365) / count)),
      lines: [
        { role: 'benefit', fund, amountFen: amount, about: n },
        { role: 'payable', fund, amountFen: fen(-amount), about: n },
      ],
    }
  })

/** One journal per batch: a line for each member, and the money that left the account as one. */
const compounds = (round: string, count: number, size: number): Posting[] =>
  Array.from({ length: count / size }, (_, batch) => {
    const lines = Array.from({ length: size }, (_, n) => ({
      role: 'payable',
      fund: 'hospital',
      amountFen: fen(1_000 + (((batch * size + n) * 7_919) % 500_000)),
      about: batch * size + n,
    }))
    const whole = lines.reduce((sum, { amountFen }) => sum + amountFen, 0)
    return {
      event: 'benefit-paid',
      reference: `${round}-batch-${batch}`,
      on: addDays(firstDay, batch % 365),
      lines: [...lines, { role: 'money', fund: 'hospital', amountFen: fen(-whole) }],
    }
  })

const inBatches = <T>(rows: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, k) => rows.slice(k * size, (k + 1) * size))

const bookAll = async (ctx: Context, batches: readonly (readonly Posting[])[]): Promise<void> => {
  for (const batch of batches) {
    const answer = await transact(ctx, 'bench.post', async (tx) => {
      const posted = await post(tx, batch)
      return posted.ok ? { ok: true as const, value: null } : posted
    })
    if (!answer.ok) throw new Error(answer.refused.code)
  }
}

const copyText = async (client: pg.Client, into: string, text: string): Promise<void> => {
  const stream = client.query(copyFrom(`copy ${into} from stdin`))
  stream.end(text)
  await once(stream, 'finish')
}

const accountOf: Record<string, string> = { benefit: '510101', payable: '220901', money: '100201' }

/** The same rows as COPY text, made before the clock starts: what remains is what no bookkeeping can go below. */
const copyTexts = (batch: readonly Posting[], firstId: number): Record<string, string> => {
  const journals: string[] = []
  const entries: string[] = []
  const balances = new Map<string, { debit: number; credit: number }>()
  batch.forEach((posting, n) => {
    const id = firstId + n
    journals.push(`${office}\t${id}\t${posting.event}\t${posting.reference}\t${posting.on}\t\\N\t\\N\n`)
    posting.lines.forEach(({ role, fund, amountFen, about }, k) => {
      const account = accountOf[role] ?? ''
      entries.push(`${office}\t${id}\t${k + 1}\t${account}\t${fund}\t${amountFen}\t${about ?? '\\N'}\n`)
      // COPY cannot add to a row, so each batch puts its own balance rows down.
      const key = `${office}\t${account}\t${fund}\t${posting.on.slice(0, 7)} ${firstId}`
      const balance = balances.get(key) ?? { debit: 0, credit: 0 }
      balances.set(key, {
        debit: balance.debit + Math.max(amountFen, 0),
        credit: balance.credit + Math.max(-amountFen, 0),
      })
    })
  })
  return {
    journal: journals.join(''),
    entry: entries.join(''),
    balance: [...balances].map(([key, { debit, credit }]) => `${key}\t${debit}\t${credit}\n`).join(''),
  }
}

const copyAll = async (client: pg.Client, batches: readonly Record<string, string>[]): Promise<void> => {
  for (const { journal = '', entry = '', balance = '' } of batches) {
    await client.query('begin')
    await copyText(client, 'bare.journal', journal)
    await copyText(client, 'bare.entry', entry)
    await copyText(client, 'bare.balance', balance)
    await client.query('commit')
  }
}

/** Tables equal to the ledger's in columns, checks, keys and indexes, but without row-level security, which COPY refuses. */
const makeBareTables = async (client: pg.Client): Promise<void> => {
  await client.query('create schema bare')
  for (const table of ['journal', 'entry', 'balance']) {
    await client.query(`create table bare.${table} (like ledger.${table} including all)`)
  }
  await client.query('alter table bare.balance drop constraint balance_period_check')
  await client.query(foreignKey('add', 'bare'))
}

// Booking needs neither secrets nor papers.
const services: Services = {
  demonstration: true,
  get vault(): never {
    throw new Error('no secrets in this benchmark')
  },
  get files(): never {
    throw new Error('no papers in this benchmark')
  },
}

let copyId = 1
const measured = async (
  ctx: Context,
  client: pg.Client,
  what: string,
  make: (round: string) => Posting[],
  batchesOf: (rows: Posting[]) => Posting[][],
): Promise<Pick<Finding, 'ours' | 'base'>> => {
  const seconds = { ours: [] as number[], base: [] as number[] }
  // The first round warms caches and plans, and is thrown away. Each round's rows are made when its turn comes: a heap full of
  // rows for later rounds would be walked by the collector in our time alone.
  for (let round = 0; round <= rounds; round += 1) {
    const ours = batchesOf(make(`${what}-${round}`))
    const base = ours.map((batch) => {
      const firstId = copyId
      copyId += batch.length
      return copyTexts(batch, firstId)
    })
    const ways = [
      ['ours', () => bookAll(ctx, ours)],
      ['base', () => copyAll(client, base)],
    ] as const
    const taken = await alternate(1, Object.fromEntries(round % 2 === 0 ? ways : [...ways].reverse()))
    if (round === 0) continue
    seconds.ours.push(...(taken.ours ?? []))
    seconds.base.push(...(taken.base ?? []))
  }
  return seconds
}

const versionOf = async (client: pg.Client): Promise<string> => {
  const { rows } = await client.query<{ text: string }>(
    `select split_part(version(), ' on ', 1) || ', fsync ' || current_setting('fsync') as text`,
  )
  return rows[0]?.text ?? ''
}

const foreignKey = (on: 'add' | 'drop', schema: 'bare' | 'ledger'): string =>
  on === 'add'
    ? `alter table ${schema}.entry add constraint entry_journal foreign key (office_id, journal_id) references ${schema}.journal (office_id, id)`
    : `alter table ${schema}.entry drop constraint ${schema === 'bare' ? 'entry_journal' : 'entry_office_id_journal_id_fkey'}`

const allMeasurements = async (ctx: Context, client: pg.Client): Promise<Finding[]> => {
  const findings: Finding[] = []
  const keyed: [string, boolean][] = [
    ['', true],
    [', foreign key taken off both', false],
  ]
  for (const [without, withKey] of keyed) {
    if (!withKey) for (const schema of ['bare', 'ledger'] as const) await client.query(foreignKey('drop', schema))
    for (const [size, floor, goal] of [
      [1_000, 0.35, 0.5],
      [10_000, 0.45, 0.6],
    ] as const) {
      const name = `transfers, ${size.toLocaleString('en-US')} a batch${without}`
      const seconds = await measured(
        ctx,
        client,
        name,
        (round) => transfers(round, total),
        (all) => inBatches(all, size),
      )
      findings.push({
        what: name,
        count: total,
        unit: 'transfers',
        ...seconds,
        baseIs: 'COPY',
        ...(withKey ? { floor, goal } : {}),
      })
    }
    for (const size of [1_000, 10_000]) {
      const name = `compound journals, ${size.toLocaleString('en-US')} lines and a contra${without}`
      const seconds = await measured(
        ctx,
        client,
        name,
        (round) => compounds(round, total, size),
        (all) => inBatches(all, 1),
      )
      findings.push({
        what: name,
        count: total,
        unit: 'lines',
        ...seconds,
        baseIs: 'COPY',
        ...(withKey ? { floor: 0.7, goal: 0.9 } : {}),
      })
    }
  }
  return findings
}

const main = async (): Promise<void> => {
  const postgres = await startThrowaway({ settings: { shared_buffers: '512MB', max_wal_size: '4GB' } })
  await migrate(postgres.connection('tongzhou_owner'))
  const db = openDatabase(postgres.connection('tongzhou_server'))
  const client = new pg.Client(clientConfig(postgres.connection('tongzhou_owner')))
  await client.connect()
  const ctx: Context = {
    db,
    services,
    office,
    actor: { kind: 'system', id: 0, name: 'bench', role: 'system', place: null },
    today: firstDay,
    at: new Date(0),
    requestId: 'bench',
  }
  try {
    await makeBareTables(client)
    const about = [
      'Ours: `post()` of the ledger module through the real function, signed in as the server, row-level security on, a commit',
      'each batch with its act of record; the clock starts with the postings as objects. A transfer is one journal, two entries',
      'and its balances. Base: `COPY` of the same rows as ready text into equal tables, keys, checks and indexes (no row-level',
      'security, which COPY refuses), committed in the same batches. Checking the foreign key from entry to journal is most of',
      'the time on both sides and so lifts the ratio; the last rows show what is left without it on either side. There is no',
      `floor for those. ${await versionOf(client)}.`,
    ]
    const findings = await allMeasurements(ctx, client)
    process.stdout.write(await report('ledger', 'Booking, against COPY', about, findings))
  } finally {
    await client.end()
    await db.close()
    await postgres.destroy()
  }
}

await main()
