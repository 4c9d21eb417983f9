import type { FileStore } from './files/index.ts'
import type { SmsGateway } from './sign-in/sms.ts'
import type { Vault } from './vault/index.ts'

/** What use cases need beside the database: made once in app.ts, carried in the context. */
export interface Services {
  readonly vault: Vault
  readonly files: FileStore
  /** the association is a demonstration: numbers of nobody are taken */
  readonly demonstration: boolean
  /** whether release, decision, administration and wide exports ask for a second step of the sign-in; absent: they do */
  readonly secondStep?: 'off' | 'on'
  /** what sends codes by SMS; absent: there are none */
  readonly sms?: SmsGateway
}
