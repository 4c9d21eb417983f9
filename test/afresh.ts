// Before each test file: many share a process, for loading the application anew costs more than most files, and each has a database
// of its own. So whatever the process remembers of an earlier one is forgotten.
import { forgetEditions } from '#modules/plans/index.ts'
import { forgetTries } from '#platform/sign-in/index.ts'

forgetEditions()
forgetTries()
