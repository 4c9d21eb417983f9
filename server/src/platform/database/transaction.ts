import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type pg from 'pg'
import { assert } from '#kernel/assert.ts'
import type { CivilDate } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import type { Services } from '../services.ts'
import { type Span, watched } from '../traces/index.ts'
import type { Ids } from './ids.ts'
import type { Connection } from './index.ts'
import type { DB as Schema } from './schema.ts'
import { tracedClient } from './traced-client.ts'

export interface Database {
  /** for commands: one statement after another, and COPY */
  readonly pool: pg.Pool
  /** for reading: several questions may be under way on one connection */
  readonly reading: pg.Pool
  readonly ids: Ids
  /** from now on new connections go there: the database was started anew, at another socket */
  moveTo(to: Connection): void
  close(): Promise<void>
}

/** Who acts: an officer under an appointment, a member, or the system itself (a run, a delivery). */
export interface Actor {
  readonly kind: 'staff' | 'member' | 'system'
  /** staff id, person id, or 0 for the system */
  readonly id: number
  readonly name: string
  readonly role: string
  /** The unit, agency or point of the appointment; null for a role of the whole office. */
  readonly place: { readonly kind: 'agency' | 'point' | 'unit'; readonly id: number } | null
}

/** One request's surroundings. The clock is read once, where this is made. */
export interface Context {
  readonly db: Database
  readonly services: Services
  readonly office: number
  readonly actor: Actor
  readonly today: CivilDate
  readonly at: Date
  readonly requestId: string
  /** The address that the request came from; none where the system itself acts. */
  readonly from?: string
  /** A retry with the same key gets the first answer, and nothing happens twice. */
  readonly idempotencyKey?: string
  /** Keyed hash of the request that came with the key: the key does not answer for another request. */
  readonly asked?: Buffer
  /** The request or job as it is watched; absent unless traces are switched on. */
  readonly trace?: Span
}

/** An open transaction of one office. */
export interface Tx {
  readonly office: number
  readonly q: Kysely<Schema>
  readonly client: pg.PoolClient
  readonly ids: Ids
}

class HeldConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient
  constructor(client: pg.PoolClient) {
    this.#client = client
  }
  async executeQuery<R>({ sql, parameters }: { sql: string; parameters: readonly unknown[] }): Promise<QueryResult<R>> {
    const { rows, rowCount } = await this.#client.query(sql, [...parameters])
    return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) }
  }
  // biome-ignore lint/correctness/useYield: rows are streamed by COPY here, never by cursor
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('stream with COPY')
  }
}

class HeldDriver implements Driver {
  readonly #connection: HeldConnection
  constructor(client: pg.PoolClient) {
    this.#connection = new HeldConnection(client)
  }
  async init() {}
  async acquireConnection() {
    return this.#connection
  }
  async beginTransaction() {
    throw new Error('a transaction is opened by transact() or read()')
  }
  async commitTransaction() {}
  async rollbackTransaction() {}
  async releaseConnection() {}
  async destroy() {}
}

// A connection keeps its builder: making one anew for every transaction is felt in every request.
const builders = new WeakMap<pg.PoolClient, Kysely<Schema>>()
const kyselyOn = (client: pg.PoolClient): Kysely<Schema> => {
  const known = builders.get(client)
  if (known) return known
  const made = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new HeldDriver(client),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  builders.set(client, made)
  return made
}

/** One message opens the transaction and says whose it is; without it the application's role sees no row. */
const opening = (office: number, mode: '' | ' READ ONLY'): string => {
  assert(Number.isSafeInteger(office) && office >= 0, 'the office of a context is a checked whole number')
  return `BEGIN${mode}; SET LOCAL ROLE tongzhou_app; SET LOCAL app.office = '${office}'`
}

const inTransaction = async <T>(
  ctx: Context,
  mode: '' | ' READ ONLY',
  work: (tx: Tx) => Promise<{ keep: boolean; answer: T }>,
): Promise<T> => {
  const held = await (mode === '' ? ctx.db.pool : ctx.db.reading).connect()
  const client = ctx.trace ? tracedClient(held, ctx.trace) : held
  let lost: Error | undefined
  // While we hold it, nobody else listens: a connection that the server ends must not end the process too.
  const onLost = (error: Error): void => {
    lost = error
  }
  held.on('error', onLost)
  const giveBack = (): void => {
    held.off('error', onLost)
    // A lost connection may still report its end; the pool throws it away, and nobody is left to hear.
    if (lost) held.on('error', () => {})
    held.release(lost)
  }
  let ended: Promise<unknown> = Promise.resolve()
  try {
    const opened = client.query(opening(ctx.office, mode))
    // What is only read is asked in the same breath; should the opening fail, so does all that follows it.
    if (mode === '') await opened
    else opened.catch(() => {})
    const { keep, answer } = await work({ office: ctx.office, q: kyselyOn(client), client, ids: ctx.db.ids })
    ended = client.query(keep ? 'COMMIT' : 'ROLLBACK')
    if (mode === '') await ended
    return answer
  } catch (error) {
    if (isLost(error)) lost = error as Error
    else await client.query('ROLLBACK').catch(onLost)
    throw error
  } finally {
    // What was only read is answered while its transaction ends.
    if (mode === '') giveBack()
    else void ended.catch(onLost).then(giveBack)
  }
}

/** The connection itself is gone: ended by an administrator, by a crash, or by the network. */
const isLost = (error: unknown): boolean =>
  /^(57P0[123]|08...)$/.test(codeOf(error)) || /terminated|ECONNRESET|EPIPE/.test(String((error as Error).message))

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '')
const constraintOf = (error: unknown): string => String((error as { constraint?: unknown } | null)?.constraint ?? '')
const mayTryAgain = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error))
/** Two requests met on one unique key, which the command answers by itself on a second look. */
export const isDuplicate = (error: unknown, constraint?: string): boolean =>
  codeOf(error) === '23505' && (constraint === undefined || constraintOf(error) === constraint)

/** Reads in one office's view of the data, in one snapshot-free read-only transaction. */
export const read = <T>(ctx: Context, work: (tx: Tx) => Promise<T>): Promise<T> =>
  within(ctx, 'read', (inner) =>
    inTransaction(inner, ' READ ONLY', async (tx) => ({ keep: true, answer: await work(tx) })),
  )

/** A transaction as a span of its own, with its statements in it; as it stands where nobody watches. */
const within = <T>(ctx: Context, name: string, work: (inner: Context) => Promise<T>): Promise<T> =>
  ctx.trace ? watched(ctx.trace, name, (span) => work(span ? { ...ctx, trace: span } : ctx)) : work(ctx)

/** What the act of record says beside who and when; the system's own housekeeping is `quiet` and leaves none. */
export interface Act {
  readonly object?: string
  readonly reason?: string
  readonly quiet?: boolean
}

const firstAnswer = async <T>(ctx: Context, command: string): Promise<Result<T> | undefined> => {
  if (!ctx.idempotencyKey) return undefined
  const key = ctx.idempotencyKey
  return read(ctx, async (tx) => {
    const { rows } = await tx.client.query<{ command: string; reply: T; asked: Buffer | null }>(
      'select command, reply, asked from platform.idempotency where office_id = $1 and actor_kind = $2 and actor_id = $3 and key = $4',
      [ctx.office, ctx.actor.kind, ctx.actor.id, key],
    )
    const first = rows[0]
    if (!first) return undefined
    const another = first.asked && ctx.asked && !first.asked.equals(ctx.asked)
    if (first.command !== command || another) return refuse({ code: 'idempotency_key_reused' })
    return ok(first.reply)
  })
}

/**
 * One command, all or nothing: commits where `work` says ok, rolls back on a refusal or a throw. The act of record, its
 * leaf for the sealed log, and the answer kept for a retry are written in the same transaction. Deadlocks and serialisation failures are tried again.
 */
export const transact = <T>(
  ctx: Context,
  command: string,
  work: (tx: Tx) => Promise<Result<T>>,
  act: Act = {},
): Promise<Result<T>> =>
  within(ctx, command, async (inner) => {
    const answer = await tried(inner, command, work, act)
    if (!answer.ok) inner.trace?.tell({ 'tongzhou.refusal': answer.refused.code })
    return answer
  })

const tried = async <T>(
  ctx: Context,
  command: string,
  work: (tx: Tx) => Promise<Result<T>>,
  act: Act,
): Promise<Result<T>> => {
  for (let attempt = 1; ; attempt += 1) {
    const earlier = await firstAnswer<T>(ctx, command)
    if (earlier) return earlier
    const id = await ctx.db.ids.take()
    try {
      return await inTransaction(ctx, '', async (tx) => {
        const answer = await work(tx)
        if (answer.ok && !act.quiet) await keepRecord(ctx, tx, id, command, act, answer.value)
        return { keep: answer.ok, answer }
      })
    } catch (error) {
      // A twin request with the same key was faster: its answer is ours.
      if (isDuplicate(error, 'idempotency_pkey') && attempt < 3) continue
      if (mayTryAgain(error) && attempt < 5) continue
      throw error
    }
  }
}

const keepRecord = async (
  ctx: Context,
  tx: Tx,
  id: number,
  command: string,
  act: Act,
  reply: unknown,
): Promise<void> => {
  const { actor } = ctx
  // Prepared once a connection: planning it anew would cost each command more than doing it.
  await tx.client.query({
    name: 'tongzhou-act',
    text: `with act as (
       insert into platform.act (office_id, id, at, actor_kind, actor_id, role, command, object, reason, request_id, place_kind, place_id, from_address)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $14, $15, $16) returning *),
     sealed as (
       insert into evidence.unsealed (office_id, source, id, part, leaf)
       select office_id, 'act', id, 0, evidence.leaf_hash(platform.act_line(row(act.*)::platform.act)) from act)
     insert into platform.idempotency (office_id, actor_kind, actor_id, key, command, reply, on_day, asked)
     select $1, $4, $5, $11::text, $7, $12::jsonb, $13::date, $17::bytea where $11::text is not null`,
    values: [
      ctx.office,
      id,
      ctx.at,
      actor.kind,
      actor.id,
      actor.role,
      command,
      act.object ?? null,
      act.reason ?? null,
      ctx.requestId,
      ctx.idempotencyKey ?? null,
      JSON.stringify(reply ?? null),
      ctx.today,
      actor.place?.kind ?? null,
      actor.place?.id ?? null,
      ctx.from ?? null,
      ctx.asked ?? null,
    ],
  })
}
