// 1,000,000 hospital claims with limits, waiting and full workings: against two rule engines, against SQL, and end to end.
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { finished, pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { addDays, day } from '#kernel/days.ts'
import { judge } from '#modules/plans/judge.ts'
import { readExamples, readPlan, tryExample } from '#modules/plans/offline.ts'
import { clientConfig } from '#platform/database/index.ts'
import { startThrowaway } from '#platform/postgres/index.ts'
import { type Claim, caseOf, edition, jsonRules, zen } from './hospital-plan.ts'
import { alternate, type Finding, median, report } from './measure.ts'

const total = Number(process.env.BENCH_CLAIMS ?? 1_000_000)
const few = Math.min(total, 20_000)
const rounds = Number(process.env.BENCH_ROUNDS ?? 3)

const firstDay = day('2026-01-01')
const days = Array.from({ length: 365 }, (_, i) => addDays(firstDay, i))
const claimOf = (i: number): Claim => ({
  id: i + 1,
  selfPay: 5_000 + ((i * 104_729) % 6_000_000),
  level: 1 + ((i * 31) % 3 === 0 ? 0 : 1 + (i % 2)),
  settledOn: days[(i * 7_919) % 365] ?? firstDay,
  coverFrom: '2026-01-01',
  coverUntil: '2027-01-01',
  used: i % 3 === 0 ? (i * 6_151) % 3_300_000 : 0,
})
const claims = Array.from({ length: total }, (_, i) => claimOf(i))
/** So many are held as cases at a time, as a run over a database holds them: a million live ones would measure the collector. */
const atOnce = 1_000
const ours = (count: number): { sum: number; seconds: number } => {
  let [sum, seconds] = [0, 0]
  for (let at = 0; at < count; at += atOnce) {
    const cases = claims.slice(at, Math.min(count, at + atOnce)).map(caseOf)
    const started = process.hrtime.bigint()
    for (const each of cases) sum += judge(edition, each)[0]?.benefitFen ?? 0
    seconds += Number(process.hrtime.bigint() - started) / 1e9
  }
  return { sum, seconds }
}
const same = (what: string, got: number, count: number): void => {
  const { sum } = ours(count)
  if (got !== sum) throw new Error(`${what} gives ${got} fen, not ${sum}`)
}

const inMemory = async (): Promise<Finding[]> => {
  const [rules, graph] = [await jsonRules(), await zen()]
  const over = async (each: (claim: Claim) => Promise<number>): Promise<number> => {
    let sum = 0
    for (let i = 0; i < few; i += 1) {
      const claim = claims[i]
      if (claim) sum += await each(claim)
    }
    return sum
  }
  same('json-rules-engine', await over(rules), few)
  same('zen-engine', await over(graph), few)
  const judging: number[] = []
  const seconds = await alternate(rounds, {
    ours: async () => void judging.push(ours(total).seconds),
    rules: async () => void (await over(rules)),
    zen: async () => void (await over(graph)),
  })
  const scaled = (name: string) => (seconds[name] ?? []).map((each) => (each * total) / few)
  const finding = (base: string, baseIs: string, floor?: number, goal?: number): Finding => ({
    what: 'judged in memory, with full workings',
    count: total,
    unit: 'claims',
    ours: judging,
    base: scaled(base),
    baseIs,
    ...(floor ? { floor } : {}),
    ...(goal ? { goal } : {}),
  })
  return [finding('rules', 'json-rules-engine', 100, 200), finding('zen', 'zen-engine with trace')]
}

/** The plan as one set-based statement; with its workings in jsonb where asked. */
const inSql = (into: string, workings: boolean): string => `
  insert into ${into} (id, benefit_fen${workings ? ', workings' : ''})
  select id, benefit${
    workings
      ? `, jsonb_build_array(
           jsonb_build_object('step', 'bands', 'clause', 'art-4', 'base', self_pay, 'result', sum),
           jsonb_build_object('step', 'at_least', 'clause', 'art-4', 'amount', sum, 'least', 10000, 'result', least),
           jsonb_build_object('step', 'at_most', 'clause', 'art-4', 'amount', least, 'used', used, 'left', "left", 'result', benefit))`
      : ''
  }
    from (select c.id, c.self_pay, c.used, s.sum, l.least, f."left",
                 case when c.settled_on - c.cover_from + 1 <= 30 or c.level < 2 then 0 else least(l.least, f."left") end as benefit
            from bench.claim c
            cross join lateral (select floor((greatest(0, least(c.self_pay, 100000)) * 2000
                 + greatest(0, least(c.self_pay, 1000000) - 100000) * 5000 + greatest(0, least(c.self_pay, 1500000) - 1000000) * 9000
                 + greatest(0, least(c.self_pay, 5000000) - 1500000) * 6000 + 5000) / 10000)::bigint as sum) s
            cross join lateral (select case when s.sum > 0 then greatest(s.sum, 10000) else 0 end as least) l
            cross join lateral (select greatest(0, 3020000 - c.used) as "left") f) worked`

/** COPY out, judge, COPY in: claims stream through this process, results and their workings (numbers) stream back. */
const endToEnd = async (reader: pg.Client, writer: pg.Client, into: string, workings: boolean): Promise<void> => {
  const source = reader.query(
    copyTo(
      'copy (select id, self_pay, level, settled_on, cover_from, cover_until, used from bench.claim order by id) to stdout',
    ),
  )
  const target = writer.query(copyFrom(`copy ${into} (id, benefit_fen${workings ? ', workings' : ''}) from stdin`))
  const results = async function* () {
    let rest = ''
    for await (const chunk of source as AsyncIterable<Buffer>) {
      const text = rest + chunk.toString('latin1')
      const end = text.lastIndexOf('\n') + 1
      rest = text.slice(end)
      let out = ''
      for (let at = 0; at < end; ) {
        const stop = text.indexOf('\n', at)
        const [id = '', selfPay, level, settledOn = '', coverFrom = '', coverUntil = '', used] = text
          .slice(at, stop)
          .split('\t')
        at = stop + 1
        const claim = {
          id: Number(id),
          selfPay: Number(selfPay),
          level: Number(level),
          settledOn,
          coverFrom,
          coverUntil,
          used: Number(used),
        }
        const judged = judge(edition, caseOf(claim))[0]
        out += workings
          ? `${id}\t${judged?.benefitFen}\t{${judged?.trace.join(',')}}\n`
          : `${id}\t${judged?.benefitFen}\n`
      }
      yield out
    }
  }
  await pipeline(results(), target)
}

const throughDatabase = async (): Promise<Finding[]> => {
  const postgres = await startThrowaway({ settings: { shared_buffers: '1GB', max_wal_size: '8GB' } })
  const [reader, writer] = await Promise.all(
    [0, 1].map(async () => {
      const client = new pg.Client(clientConfig(postgres.connection('tongzhou_owner')))
      await client.connect()
      return client
    }),
  )
  if (!reader || !writer) throw new Error('no connection')
  try {
    await writer.query('create schema bench')
    await writer.query(
      'create table bench.claim (id bigint primary key, self_pay bigint, level integer, settled_on date, cover_from date, cover_until date, used bigint)',
    )
    const fill = writer.query(copyFrom('copy bench.claim from stdin'))
    for (let i = 0; i < total; i += 5_000) {
      const lines = claims
        .slice(i, i + 5_000)
        .map((c) => `${c.id}\t${c.selfPay}\t${c.level}\t${c.settledOn}\t${c.coverFrom}\t${c.coverUntil}\t${c.used}\n`)
      if (!fill.write(lines.join(''))) await once(fill, 'drain')
    }
    fill.end()
    await finished(fill)
    await writer.query('vacuum analyze bench.claim')
    const empty = async (type: string): Promise<void> => {
      await writer.query('drop table if exists bench.result')
      await writer.query(`create table bench.result (id bigint primary key, benefit_fen bigint not null${type})`)
    }
    const check = async (what: string): Promise<void> => {
      const { rows } = await writer.query<{ sum: string }>('select sum(benefit_fen)::bigint as sum from bench.result')
      same(what, Number(rows[0]?.sum), total)
    }
    let kept: Buffer = Buffer.alloc(0)
    const timed = async (type: string, work: () => Promise<unknown>, what: string): Promise<number> => {
      await empty(type)
      const started = process.hrtime.bigint()
      await work()
      const seconds = Number(process.hrtime.bigint() - started) / 1e9
      await check(what)
      return seconds
    }
    const seconds: Record<string, number[]> = { kept: [], none: [], sql: [], plain: [], copy: [] }
    const integers = ', workings bigint[]'
    for (let round = 0; round < rounds; round += 1) {
      seconds.kept?.push(await timed(integers, () => endToEnd(reader, writer, 'bench.result', true), 'end to end'))
      if (round === 0) {
        const chunks: Buffer[] = []
        for await (const chunk of writer.query(copyTo('copy bench.result to stdout')) as AsyncIterable<Buffer>)
          chunks.push(chunk)
        kept = Buffer.concat(chunks)
      }
      seconds.none?.push(await timed('', () => endToEnd(reader, writer, 'bench.result', false), 'keeping none'))
      seconds.sql?.push(await timed(', workings jsonb', () => writer.query(inSql('bench.result', true)), 'SQL'))
      seconds.plain?.push(await timed('', () => writer.query(inSql('bench.result', false)), 'SQL keeping none'))
      seconds.copy?.push(
        await timed(
          integers,
          async () => {
            const copy = writer.query(copyFrom('copy bench.result from stdin'))
            copy.end(kept)
            await finished(copy)
          },
          'COPY',
        ),
      )
    }
    const finding = (what: string, mine: string, base: string, baseIs: string, floor?: number): Finding => ({
      what,
      count: total,
      unit: 'claims',
      ours: seconds[mine] ?? [],
      base: seconds[base] ?? [],
      baseIs,
      ...(floor ? { floor } : {}),
    })
    return [
      finding('end to end, workings kept', 'kept', 'sql', 'one SQL statement, workings in jsonb', 1.5),
      finding('end to end, workings kept', 'kept', 'none', 'the same keeping none', 0.5),
      finding('end to end, keeping none', 'none', 'plain', 'one SQL statement keeping none'),
      finding('end to end, workings kept', 'kept', 'copy', 'COPY of the same result rows'),
    ]
  } finally {
    await reader.end()
    await writer.end()
    await postgres.destroy()
  }
}

/** Every shipped plan on its own examples: none may fall off a cliff. */
const everyPlan = async (): Promise<{ slowest: string; ratio: number; text: string }> => {
  const root = new URL('../plans/', import.meta.url).pathname
  const rates: { plan: string; perSecond: number }[] = []
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const [files, examples] = [
      await readPlan(`${root}${entry.name}`),
      await readExamples(`${root}${entry.name}/examples.yaml`),
    ]
    if (!files.ok || !examples.ok) continue
    const worked = examples.value.flatMap((example) => {
      const file = files.value.find((each) => !example.edition || each.edition.edition === example.edition)
      const facts = file && tryExample(file.edition, example).case
      return file && facts ? [{ edition: file.edition, facts }] : []
    })
    if (worked.length === 0) continue
    const best = Math.min(
      ...Array.from({ length: 5 }, () => {
        const started = process.hrtime.bigint()
        for (let i = 0; i < 20_000; i += 1) {
          const each = worked[i % worked.length]
          if (each) judge(each.edition, each.facts)
        }
        return Number(process.hrtime.bigint() - started) / 1e9
      }),
    )
    rates.push({ plan: entry.name, perSecond: 20_000 / best })
  }
  rates.sort((a, b) => a.perSecond - b.perSecond)
  const middle = rates[Math.floor(rates.length / 2)]?.perSecond ?? 0
  const slowest = rates[0] ?? { plan: '', perSecond: 1 }
  const text = rates.map((each) => `${each.plan} ${(each.perSecond / middle).toFixed(2)}`).join(' · ')
  return { slowest: slowest.plan, ratio: middle / slowest.perSecond, text }
}

const findings = [...(await inMemory()), ...(await throughDatabase())]
const plans = await everyPlan()
const judging = median(findings[0]?.ours ?? [])
const whole = median(findings[2]?.ours ?? [])
process.stdout.write(
  await report(
    'plans',
    `${total} hospital claims`,
    [
      'Ours: `judge()` of the plans module over an edition compiled from its text, every step with its inputs and result on the',
      `trace that records and sentences are made from; one core. The rule engines run the same plan on ${few} of the claims and are`,
      'scaled; all give the same sum to the fen, limit, minimum, waiting and level as rules or expressions of theirs. Cases are held a',
      'thousand at a time and made outside the clock; the engines make their few facts inside it. End to end: COPY out, judge,',
      'COPY in, the workings as an array of numbers a row.',
      `Judging is ${Math.round((100 * judging) / whole)} % of the end-to-end time, so there is no second, columnar path.`,
      '',
      `Every shipped plan on its own examples, as a part of the median plan’s rate (the slowest, ${plans.slowest}, takes ${plans.ratio.toFixed(1)} × the`,
      `median; 5 × is the limit): ${plans.text}.`,
    ],
    findings,
  ),
)
