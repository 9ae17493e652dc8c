import type { Register } from '../command.ts'
import { registerApiKeys } from './api-keys.ts'
import { registerApply } from './apply.ts'
import { registerCheck } from './check.ts'
import { registerCompletion } from './completion.ts'
import { registerConnections } from './connections.ts'
import { registerContext } from './context.ts'
import { registerCreateTenant } from './create-tenant.ts'
import { registerDelete } from './delete.ts'
import { registerDeploy } from './deploy.ts'
import { registerDescribe } from './describe.ts'
import { registerGet } from './get.ts'
import { registerGraph } from './graph.ts'
import { registerInit } from './init.ts'
import { registerLifecycle } from './lifecycle.ts'
import { registerLogin } from './login.ts'
import { registerLogout } from './logout.ts'
import { registerLogs } from './logs.ts'
import { registerResetPassword } from './reset-password.ts'
import { registerRows } from './rows.ts'
import { registerRun } from './run.ts'
import { registerSavepoint } from './savepoint.ts'
import { registerState } from './state.ts'
import { registerUp } from './up.ts'
import { registerUsage } from './usage.ts'
import { registerVersion } from './version.ts'
import { registerWhoami } from './whoami.ts'

/** Every command, in the order in which help shows them. */
export const commands: readonly Register[] = [
  registerInit,
  registerRun,
  registerCheck,
  registerGraph,
  registerLogin,
  registerLogout,
  registerWhoami,
  registerContext,
  registerApply,
  registerDeploy,
  registerGet,
  registerDescribe,
  registerLogs,
  registerRows,
  registerLifecycle,
  registerSavepoint,
  registerState,
  registerDelete,
  registerConnections,
  registerUsage,
  registerApiKeys,
  registerUp,
  registerResetPassword,
  registerCreateTenant,
  registerCompletion,
  registerVersion,
]
