import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import { assess, type Case, compile, type Edition, fingerprintOf } from '#modules/plans/index.ts'

/** Which kept decisions to judge again; all of them where nothing is said. */
export interface WhichDecisions {
  readonly from?: string
  readonly until?: string
  readonly plan?: string
  readonly decidedBy?: number
  readonly office?: number
}

export interface Difference {
  readonly office: number
  readonly item: number
  readonly letter: string | null
  readonly decidedOn: string
  readonly what: 'edition' | 'part' | 'facts' | 'amount' | 'workings' | 'reason'
  readonly zh: string
}

export interface Replayed {
  readonly decisions: number
  readonly benefitFen: number
  readonly differences: readonly Difference[]
}

interface Row {
  readonly office: number
  readonly item: number
  readonly letter: string | null
  readonly part: string
  readonly outcome: 'granted' | 'refused'
  readonly benefitFen: number
  readonly inputs: { readonly case: Case; readonly part: string }
  readonly workings: unknown
  readonly refusedBecause: unknown
  readonly sha256: string
  readonly decidedOn: string
}

/** As the database keeps it: nothing undefined, and no difference but in what is said. */
const asKept = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))

/** What a decision says against what its own facts and edition give, in the order an auditor asks; null where they agree. */
export const differenceOf = (
  row: Pick<Row, 'part' | 'benefitFen' | 'outcome' | 'inputs' | 'workings' | 'refusedBecause'>,
  edition: Edition,
): Pick<Difference, 'what' | 'zh'> | null => {
  const found = assess(edition, row.inputs.case).find((each) => each.part === row.part)
  if (!found) return { what: 'part', zh: `版本里没有“${row.part}”这一项` }
  if (found.missing.length > 0) return { what: 'facts', zh: `留存的事实不够重算：缺 ${found.missing.join('、')}` }
  if (found.benefitFen !== row.benefitFen)
    return { what: 'amount', zh: `决定 ${row.benefitFen} 分，重算 ${found.benefitFen} 分` }
  if (!isDeepStrictEqual(asKept(found.workings), row.workings))
    return { what: 'workings', zh: '金额一致，留存的计算过程与重算的不同' }
  if (row.outcome === 'refused' && !isDeepStrictEqual(asKept(found.refused), row.refusedBecause))
    return { what: 'reason', zh: '留存的不给付理由与重算的不同' }
  return null
}

/**
 * Judges every kept decision again, from its own stored facts and the exact text of its edition, and lists where it comes
 * out otherwise: any day, any plan, any decider. As the owner, in one snapshot, changing nothing.
 */
export const replayDecisions = async (
  owner: pg.Pool,
  which: WhichDecisions = {},
  onProgress: (done: number) => void = () => {},
): Promise<Replayed> => {
  const client = await owner.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    const { rows: texts } = await client.query<{ sha256: string; text: string; clauses: string }>(
      'select sha256, text, clauses from plans.edition',
    )
    const editions = new Map<string, Edition | null>()
    for (const { sha256, text, clauses } of texts) {
      const compiled = compile(text, clauses)
      // A text that is not the one adopted proves nothing, however well it can be read.
      editions.set(sha256, fingerprintOf(text, clauses) === sha256 && compiled.ok ? compiled.value : null)
    }
    const differences: Difference[] = []
    let decisions = 0
    let benefitFen = 0
    for (let after = [0, 0]; ; ) {
      const { rows } = await client.query<Row>(
        `select d.office_id as office, d.item_id as item, l.number as letter, d.part, d.outcome,
                d.benefit_fen as "benefitFen", d.inputs, d.workings, d.refused_because as "refusedBecause", d.edition_sha256 as sha256,
                d.decided_on as "decidedOn"
           from claims.decision d
           join claims.item i on i.office_id = d.office_id and i.id = d.item_id
           left join claims.letter l on l.office_id = d.office_id and l.item_id = d.item_id
          where (d.office_id, d.item_id) > ($1, $2)
            and ($3::date is null or d.decided_on >= $3) and ($4::date is null or d.decided_on < $4)
            and ($5::text is null or i.plan = $5) and ($6::bigint is null or d.decided_by = $6) and ($7::bigint is null or d.office_id = $7)
          order by d.office_id, d.item_id limit 2000`,
        [
          ...after,
          which.from ?? null,
          which.until ?? null,
          which.plan ?? null,
          which.decidedBy ?? null,
          which.office ?? null,
        ],
      )
      for (const row of rows) {
        decisions += 1
        benefitFen += row.benefitFen
        const edition = editions.get(row.sha256)
        const found = edition
          ? differenceOf(row, edition)
          : ({
              what: 'edition',
              zh: editions.has(row.sha256) ? '版本的原文与它的指纹不符' : '找不到这个指纹的版本',
            } as const)
        if (found)
          differences.push({
            office: row.office,
            item: row.item,
            letter: row.letter,
            decidedOn: row.decidedOn,
            ...found,
          })
      }
      onProgress(decisions)
      const last = rows.at(-1)
      if (!last) break
      after = [last.office, last.item]
    }
    await client.query('commit')
    return { decisions, benefitFen, differences }
  } finally {
    client.release()
  }
}
