export { addKin, type Duties, dutiesUnder, linkPerson } from './duties.ts'
export { type AtHand, mayExport } from './exports.ts'
export {
  addAdministratorsTo,
  addAgency,
  addOffice,
  addPoint,
  type FirstAdministrator,
  foundAssociation,
  headOffice,
  setWords,
} from './found.ts'
export { type Asks, may } from './may.ts'
export { registerUnit } from './register-unit.ts'
export { isWatcher, mayDo, type Permit, permits, permitsAbout, type Role, roles, rolesAbout } from './roles.ts'
export { networkRoutes } from './routes.ts'
export { addAppointment, addStaff, setLogin } from './staff.ts'
export { stopped, stopRefusal } from './stops.ts'
export { type UnitRow, unitInReach, unitsInReach, wordsOf } from './store.ts'
