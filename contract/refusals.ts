import { accessRefusals } from './access.ts'
import { claimsRefusals } from './claims.ts'
import { contributionsRefusals } from './contributions.ts'
import { disclosureRefusals } from './disclosure.ts'
import { enrolmentRefusals } from './enrolment.ts'
import { filesRefusals } from './files.ts'
import { foundRefusals } from './found.ts'
import { ledgerRefusals } from './ledger.ts'
import { membershipRefusals } from './membership.ts'
import { networkRefusals } from './network.ts'
import { paymentsRefusals } from './payments.ts'
import { plansRefusals } from './plans.ts'
import { platformRefusals } from './platform.ts'
import { privacyRefusals } from './privacy.ts'
import { sheetsRefusals } from './sheets.ts'

/** What every module's refusals look like: an HTTP status, and the sentence for the person with {facts} in it. */
export type Refusals = Readonly<
  Record<string, { readonly http: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 503; readonly zh: string }>
>

/** Every foreseen 'no' of the system; docs/reference/refusals.md is written from here. */
export const refusals = {
  ...platformRefusals,
  ...filesRefusals,
  ...sheetsRefusals,
  ...networkRefusals,
  ...accessRefusals,
  ...foundRefusals,
  ...membershipRefusals,
  ...plansRefusals,
  ...enrolmentRefusals,
  ...contributionsRefusals,
  ...ledgerRefusals,
  ...claimsRefusals,
  ...paymentsRefusals,
  ...disclosureRefusals,
  ...privacyRefusals,
} satisfies Refusals
