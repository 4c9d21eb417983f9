import type pg from 'pg'
import { kindOf, type Span } from '../traces/index.ts'

/** A statement without its values: those of ours travel beside it, and what is written into it is left out too. */
export const withoutValues = (statement: string): string =>
  statement
    .replace(/'(?:[^']|'')*'/g, "'?'")
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 2_000)

const statementIn = ([first]: readonly unknown[]): string => {
  if (typeof first === 'string') return first
  return (first as pg.QueryConfig).text
}

/** The connection as the work of one watched transaction sees it: each statement leaves a span, and all else is as it was. */
export const tracedClient = (client: pg.PoolClient, parent: Span): pg.PoolClient => {
  const query = (...given: unknown[]): Promise<unknown> => {
    const text = withoutValues(statementIn(given))
    const told = { 'db.system.name': 'postgresql', 'db.query.text': text }
    const span = parent.child(/^\w+/.exec(text)?.[0].toLowerCase() ?? 'statement', told)
    const answer = Reflect.apply(client.query, client, given) as Promise<unknown>
    answer.then(
      () => span.end(),
      (error) => span.end(kindOf(error)),
    )
    return answer
  }
  return new Proxy(client, {
    get: (target, name) => {
      if (name === 'query') return query
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
