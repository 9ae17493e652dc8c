import { type DynamicModule, Global, Module } from '@nestjs/common'
import type { Config } from '../config/config.ts'
import type { Keys } from '../crypto/keys.ts'
import { SecretBox } from '../crypto/secret-box.ts'
import { Database } from '../database/database.ts'
import { PROVISIONER, type Provisioner } from '../provisioner/provisioner.ts'
import { WORK_QUEUE, type WorkQueue } from '../queue/work-queue.ts'
import { type Clock, CLOCK } from './clock.ts'
import { LIMITS, type Limits } from './limits.ts'

/** The token under which the {@link Config} is injected. */
export const CONFIG = Symbol('Config')
/** The token under which the derived {@link Keys} are injected. */
export const KEYS = Symbol('Keys')

/** What a control plane is put together from; each part is made, and closed, by whoever starts it. */
export interface PlatformParts {
  readonly config: Config
  readonly keys: Keys
  readonly database: Database
  readonly provisioner: Provisioner
  readonly queue: WorkQueue
  readonly clock: Clock
  readonly limits: Limits
}

/** Makes the parts known to every feature. */
@Global()
@Module({})
export class PlatformModule {
  static of(parts: PlatformParts): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: parts.config },
      { provide: KEYS, useValue: parts.keys },
      { provide: SecretBox, useValue: new SecretBox(parts.keys.secrets) },
      { provide: Database, useValue: parts.database },
      { provide: PROVISIONER, useValue: parts.provisioner },
      { provide: WORK_QUEUE, useValue: parts.queue },
      { provide: CLOCK, useValue: parts.clock },
      { provide: LIMITS, useValue: parts.limits },
    ]
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) }
  }
}
