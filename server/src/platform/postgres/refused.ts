/** A database that cannot be opened for a reason the person can do something about; the message says what. */
export class PostgresRefused extends Error {
  override readonly name = 'PostgresRefused'
}
