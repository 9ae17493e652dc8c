import { Global, Module } from '@nestjs/common'
import { Wakes } from './wakes.ts'

@Global()
@Module({ providers: [Wakes], exports: [Wakes] })
export class WakesModule {}
