export { admitUnit } from './admit-unit.ts'
export { applyForUnit } from './apply-for-unit.ts'
export { membershipRoutes } from './routes.ts'
export {
  addBenefit,
  benefitsOf,
  coversOf,
  isAdmitted,
  lockedBenefitsOf,
  memberByNumber,
  freeOccurrence,
  takeOccurrence,
  type PersonBenefit,
  type PersonCover,
  unitsOf,
} from './store.ts'
export { issueCode } from './issue-code.ts'
