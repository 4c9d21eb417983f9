export {
  type Books,
  booksText,
  displayWidth,
  type FundRow,
  fundMovementText,
  fundStandingText,
  isPeriod,
  type Period,
  type TrialRow,
  trialBalanceText,
} from './books.ts'
export { type DoctorQuestion, ledgerQuestions } from './doctor.ts'
export { type LedgerRefused, type Posted, post, reverse } from './post.ts'
export {
  benefitPaid,
  benefitPayable,
  contributionAllocated,
  contributionReceived,
  type Line,
  type PaidItem,
  type Posting,
  type PrincipalOwed,
  paymentReturned,
  principalRepaid,
  refund,
  type Share,
} from './postings.ts'
export { ledgerRoutes } from './routes.ts'
export { fundStatement, type PrincipalDue, principalDue, trialBalance } from './store.ts'
