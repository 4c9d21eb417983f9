export { fingerprint, nameShown, publishLists } from './publish-lists.ts'
export { disclosureRoutes } from './routes.ts'
export { disclosureQuestions } from './store.ts'
